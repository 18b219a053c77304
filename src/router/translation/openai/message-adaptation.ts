import { createHash } from 'node:crypto';
import type { EditableObject } from '../../../providers/editable-object.js';
import type { OpenAiCompatibility, StrictMembers } from '../../../providers/openai-compatibility.js';
import { dropOthers } from './dropping.js';

/** Brings the messages of a Chat request to what the server takes. Names in `dropped` what it leaves out. */
export function adaptMessages(
  request: EditableObject,
  compatibility: OpenAiCompatibility,
  model: string,
  dropped: Set<string>,
): void {
  const { developerRole, strict, callIdChars, needsReasoning, reasoningBack } = compatibility;
  const wantsReasoning = needsReasoning?.test(model) === true && request.object('thinking')?.get('type') !== 'disabled';
  if (developerRole && !strict && callIdChars === undefined && !wantsReasoning && !reasoningBack) return;
  for (const message of request.objects('messages')) {
    if (!developerRole && message.get('role') === 'developer') message.set('role', 'system');
    const isAssistant = message.get('role') === 'assistant';
    if (isAssistant && reasoningBack === 'reasoning_content') nameReasoning(message, wantsReasoning);
    if (callIdChars !== undefined) shortenCallIds(message, callIdChars);
    if (strict) keepKnown(message, strict, dropped);
  }
}

/** Other servers and clients call it `reasoning`. A call without any reasoning, from another vendor's turn, gets an empty one. */
function nameReasoning(message: EditableObject, isNeeded: boolean): void {
  if (typeof message.get('reasoning_content') === 'string') return;
  if (typeof message.get('reasoning') === 'string') message.rename('reasoning', 'reasoning_content');
  else if (isNeeded && message.objects('tool_calls').length > 0) message.set('reasoning_content', '');
}

function shortenCallIds(message: EditableObject, length: number): void {
  for (const call of message.objects('tool_calls')) shortenId(call, 'id', length);
  shortenId(message, 'tool_call_id', length);
}

/** The same id becomes the same, in the call and in its result. */
function shortenId(holder: EditableObject, name: string, length: number): void {
  const id = holder.get(name);
  if (typeof id !== 'string' || (id.length === length && /^[A-Za-z0-9]+$/.test(id))) return;
  holder.set(name, createHash('sha256').update(id).digest('hex').slice(0, length));
}

function keepKnown(message: EditableObject, strict: StrictMembers, dropped: Set<string>): void {
  const role = message.get('role') === 'developer' ? 'system' : message.get('role');
  const known = typeof role === 'string' && Object.hasOwn(strict.message, role) ? strict.message[role as 'user'] : null;
  if (!known) return;
  sayRefusal(message, known);
  // An answer of OpenAI's comes back with members that are empty, and a call list may be so too.
  if (message.get('tool_calls') === null) message.delete('tool_calls');
  dropOthers(message, known, 'messages[].', dropped);
  for (const part of message.objects('content')) {
    // What a part of an unknown kind is about stays in it: the server says that it does not take such parts.
    const own = part.get('type');
    dropOthers(part, strict.part, 'messages[].content[].', dropped, typeof own === 'string' ? own : undefined);
  }
  for (const call of message.objects('tool_calls')) dropOthers(call, strict.call, 'messages[].tool_calls[].', dropped);
}

/** A refusal is what the assistant said, and a server that knows no such member has to be shown it as text. */
function sayRefusal(message: EditableObject, known: ReadonlySet<string>): void {
  if (known.has('refusal') || typeof message.get('refusal') !== 'string') return;
  if ((message.get('content') ?? null) === null) message.rename('refusal', 'content');
}
