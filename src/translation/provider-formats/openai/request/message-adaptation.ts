import { createHash } from 'node:crypto';
import type { EditableObject } from '../../../../providers/json/editable-object.js';
import type { OpenAiCompatibility, StrictMembers } from '../../../../providers/contract/openai-compatibility.js';
import { dropOthers } from './drop-members.js';

/** Adapts the messages of a Chat request to the server. Adds the members that it leaves out to `dropped`. */
export function adaptMessages(
  request: EditableObject,
  compatibility: OpenAiCompatibility,
  model: string,
  dropped: Set<string>,
): void {
  const { developerRole, strict, callIdChars, needsReasoning, reasoningBack } = compatibility;
  const wantsReasoning =
    needsReasoning?.test(model) === true && request.getObject('thinking')?.get('type') !== 'disabled';
  if (developerRole && !strict && callIdChars === undefined && !wantsReasoning && !reasoningBack) return;
  for (const message of request.getObjects('messages')) {
    if (!developerRole && message.get('role') === 'developer') message.set('role', 'system');
    const isAssistant = message.get('role') === 'assistant';
    if (isAssistant && reasoningBack === 'reasoning_content') nameReasoning(message, wantsReasoning);
    if (callIdChars !== undefined) shortenCallIds(message, callIdChars);
    if (strict) keepKnown(message, strict, dropped);
  }
}

/**
 * Renames `reasoning`, as other servers and clients call it. An assistant message with calls but without reasoning,
 * from another vendor, gets an empty one.
 */
function nameReasoning(message: EditableObject, isNeeded: boolean): void {
  if (typeof message.get('reasoning_content') === 'string') return;
  if (typeof message.get('reasoning') === 'string') message.rename('reasoning', 'reasoning_content');
  else if (isNeeded && message.getObjects('tool_calls').length > 0) message.set('reasoning_content', '');
}

function shortenCallIds(message: EditableObject, length: number): void {
  for (const call of message.getObjects('tool_calls')) shortenId(call, 'id', length);
  shortenId(message, 'tool_call_id', length);
}

/** Shortens an id. The result depends only on the id, so a call and its result still match. */
function shortenId(holder: EditableObject, name: string, length: number): void {
  const id = holder.get(name);
  if (typeof id !== 'string' || (id.length === length && /^[A-Za-z0-9]+$/.test(id))) return;
  holder.set(name, createHash('sha256').update(id).digest('hex').slice(0, length));
}

function keepKnown(message: EditableObject, strict: StrictMembers, dropped: Set<string>): void {
  const role = message.get('role') === 'developer' ? 'system' : message.get('role');
  const known = typeof role === 'string' && Object.hasOwn(strict.message, role) ? strict.message[role as 'user'] : null;
  if (!known) return;
  moveRefusalToText(message, known);
  // A response of OpenAI's contains empty members when it comes back; the call list may be one of them.
  if (message.get('tool_calls') === null) message.delete('tool_calls');
  dropOthers(message, known, 'messages[].', dropped);
  for (const part of message.getObjects('content')) {
    // The content member of a part of an unknown type stays, so the server reports that it does not accept such parts.
    const own = part.get('type');
    dropOthers(part, strict.part, 'messages[].content[].', dropped, typeof own === 'string' ? own : undefined);
  }
  for (const call of message.getObjects('tool_calls'))
    dropOthers(call, strict.call, 'messages[].tool_calls[].', dropped);
}

/** A refusal is the assistant's text. A server without such a member gets it as `content`. */
function moveRefusalToText(message: EditableObject, known: ReadonlySet<string>): void {
  if (known.has('refusal') || typeof message.get('refusal') !== 'string') return;
  if ((message.get('content') ?? null) === null) message.rename('refusal', 'content');
}
