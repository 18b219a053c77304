/** Reads the arguments of a call strictly: text that two readers could understand differently is not readable. Pure. */
import { JsonFault } from '../../../providers/json/text.js';
import { JsonLeaf, parseJsonTree, writeJsonTree, type JsonNode } from '../../../providers/json/tree.js';
import { MAX_ARGUMENT_BYTES, type CallInput, type InputFault } from '../../../providers/dialects/tool-calls/grammar.js';
import { hasRepeats } from './argument-value.js';
import type { Condition, ConditionResult } from './condition.js';

export interface ReadArguments {
  check(condition: Condition): ConditionResult;
}

export type ArgumentFault = 'unreadable_arguments' | 'arguments_too_long' | 'split_call';

const FAULTS: Readonly<Record<InputFault, ArgumentFault>> = {
  unreadable: 'unreadable_arguments',
  too_long: 'arguments_too_long',
  split: 'split_call',
};

export function readArguments(input: CallInput): ReadArguments | ArgumentFault {
  switch (input.kind) {
    case 'fault':
      return FAULTS[input.fault];
    case 'text':
      return isTooLong(input.text) ? 'arguments_too_long' : readTextArguments(input.text);
    case 'tree':
      return readArguments({ kind: 'json', text: writeJsonTree(input.value) });
    case 'json':
      return isTooLong(input.text) ? 'arguments_too_long' : readJsonArguments(input.text);
  }
}

const isTooLong = (text: string): boolean =>
  text.length > MAX_ARGUMENT_BYTES ||
  (text.length * 3 > MAX_ARGUMENT_BYTES && Buffer.byteLength(text) > MAX_ARGUMENT_BYTES);

/** Free text has only a root: the meaning of a pointer into it depends on its reader. */
function readTextArguments(text: string): ReadArguments {
  const root = new JsonLeaf(JSON.stringify(text));
  return { check: (condition) => condition(root) };
}

function readJsonArguments(text: string): ReadArguments | ArgumentFault {
  // vendors write an empty text if a tool takes no arguments
  const json = text.trim() === '' ? '{}' : text;
  try {
    // the tree keeps strings as written; this checks their content
    JSON.parse(json);
    return readTreeArguments(parseJsonTree(json));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof JsonFault) return 'unreadable_arguments';
    throw error;
  }
}

function readTreeArguments(root: JsonNode): ReadArguments | ArgumentFault {
  // arguments are an object in every format; some vendors write null for none
  if (root instanceof JsonLeaf && !root.isNull) return 'unreadable_arguments';
  if (hasRepeats(root)) return 'unreadable_arguments';
  return { check: (condition) => condition(root) };
}
