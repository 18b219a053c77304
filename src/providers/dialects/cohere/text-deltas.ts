import { DeltaCollector, NO_GROUPS, toIndex, type TextReading } from '../base/text-deltas.js';
import { toFields, type Fields } from '../base/token-counts.js';

export const readCohereText = (event: Fields): TextReading =>
  typeof event['event_type'] === 'string' ? readV1(event, event['event_type']) : readV2(event);

function readV2(event: Fields): TextReading {
  const pieces = new DeltaCollector();
  const type = toIndex(event['type'], '');
  const message = toFields(toFields(event['delta'])?.['message']);
  const path = `/message/${toIndex(event['index'])}`;
  if (type === 'content-delta') pieces.add(toFields(message?.['content']), `${path}/content`, '', ['text', 'thinking']);
  else if (type === 'tool-plan-delta') pieces.add(message, path, '', ['tool_plan']);
  else if (type === 'tool-call-delta')
    pieces.add(toFields(toFields(message?.['tool_calls'])?.['function']), `${path}/tool_calls/function`, '', [
      'arguments',
    ]);
  return { deltas: pieces.found, ends: /-(?:end|start)$/.test(type) ? null : NO_GROUPS };
}

/** Events that end a text in Cohere's version 1. Citations may come between the pieces of their text. */
const ENDS_OF_V1: ReadonlySet<string> = new Set(['stream-end', 'tool-calls-generation', 'search-queries-generation']);

function readV1(event: Fields, type: string): TextReading {
  const pieces = new DeltaCollector();
  if (type === 'text-generation') pieces.add(event, '', '', ['text']);
  else if (type === 'tool-calls-chunk') {
    const call = toFields(event['tool_call_delta']);
    pieces.add(event, '/tool_plan', '', ['text']);
    pieces.add(call, `/tool_calls/${toIndex(call?.['index'])}`, '', ['parameters']);
  }
  return { deltas: pieces.found, ends: ENDS_OF_V1.has(type) ? null : NO_GROUPS };
}
