/** Adapts a Chat request written for OpenAI to other servers with a compatible API (see `vendor-compatibility.ts`). */
import type { EditableObject } from '../../../../providers/json/editable-object.js';
import type { OpenAiCompatibility } from '../../../../providers/contract/openai-compatibility.js';
import { promoteSchema } from '../../../pivot/response-format.js';
import { isWithoutEffect } from '../../../pivot/unknown-members.js';
import { dropMember, dropOthers } from './drop-members.js';
import { adaptMessages } from './message-adaptation.js';
import { restrictChat } from './model-restrictions.js';

const TOOL_MEMBERS: ReadonlySet<string> = new Set(['type', 'function', 'custom']);
const FUNCTION_MEMBERS: ReadonlySet<string> = new Set(['name', 'description', 'parameters', 'strict']);

/**
 * Changes the request. A request that needs no change is left alone.
 * @param model the vendor's id
 * @returns the members that were left out, or replaced by their nearest equivalent
 */
export function adaptChat(request: EditableObject, compatibility: OpenAiCompatibility, model: string): Set<string> {
  const dropped = new Set<string>();
  restrictChat(request, compatibility, model, dropped);
  adaptCeiling(request, compatibility);
  adaptFormat(request, compatibility, dropped);
  const { renames = {}, refuses = [], values = {}, strict, refusesStreamOptions } = compatibility;
  if (refusesStreamOptions) dropStreamOptions(request, dropped);
  for (const name in renames)
    if (request.has(renames[name]!)) request.delete(name);
    else request.rename(name, renames[name]!);
  for (const name of refuses) dropMember(request, name, name, dropped);
  for (const name in values)
    if (!values[name]!.includes(request.get(name))) dropMember(request, name, name, dropped, isDefaultTier);
  adaptMessages(request, compatibility, model, dropped);
  if (strict) {
    dropOthers(request, strict.request, '', dropped);
    adaptTools(request, dropped);
  }
  return dropped;
}

/** Whether a service tier asks for nothing: `auto` is what happens without it. */
const isDefaultTier = (value: unknown): boolean => value === 'auto' || value === 'default';

/** Moves the token limit to the name that the server knows. A server ignores the other name, and the limit with it. */
function adaptCeiling(request: EditableObject, { ceiling }: OpenAiCompatibility): void {
  if (ceiling === 'max_completion_tokens' || !request.has('max_completion_tokens')) return;
  const isSet = (request.get('max_completion_tokens') ?? null) !== null;
  if (ceiling === 'both') {
    if (isSet && request.has('max_tokens')) request.delete('max_tokens');
  } else if (isSet) request.rename('max_completion_tokens', 'max_tokens');
  else request.delete('max_completion_tokens');
}

/** Such servers report usage without being asked, so `include_usage` is honored. */
function dropStreamOptions(request: EditableObject, dropped: Set<string>): void {
  const options = request.getObject('stream_options');
  for (const name of options?.listNames() ?? [])
    if (name !== 'include_usage' && !isWithoutEffect(options!.get(name))) dropped.add(`stream_options.${name}`);
  request.delete('stream_options');
}

/** Only some servers accept a schema beside `json_object`; for the others it becomes a `json_schema`. */
function adaptFormat(request: EditableObject, compatibility: OpenAiCompatibility, dropped: Set<string>): void {
  const { lacksJsonSchema, schemaInJsonObject } = compatibility;
  const format = request.getObject('response_format');
  if (!format) return;
  const type = format.get('type');
  if (type === 'json_schema' && lacksJsonSchema) {
    request.set('response_format', { type: 'json_object' });
    dropped.add('response_format.json_schema');
  }
  if (type !== 'json_object' || !format.has('schema') || schemaInJsonObject) return;
  if (lacksJsonSchema || !format.getObject('schema'))
    return dropMember(format, 'schema', 'response_format.schema', dropped);
  promoteSchema(request);
}

function adaptTools(request: EditableObject, dropped: Set<string>): void {
  for (const tool of request.getObjects('tools')) {
    if (tool.get('type') !== 'function') continue;
    dropOthers(tool, TOOL_MEMBERS, 'tools[].', dropped);
    const called = tool.getObject('function');
    if (called) dropOthers(called, FUNCTION_MEMBERS, 'tools[].function.', dropped);
  }
}
