/** Converts an earlier assistant message back to Gemini's parts: thoughts, text and calls, each with its signature. */
import { parseExactObject } from '../../../../providers/json/exact.js';
import { createInvalidBodyError, createUnsupportedError } from '../../../pivot/body-shape.js';
import type { AssistantMessage, JsonObject, ToolCall } from '../../../pivot/chat.js';
import { NO_SIGNATURE, readSignatures, type SignedText } from '../signatures.js';
import type { GeminiPart } from '../wire.js';

export interface HistoryOptions {
  wantsSignatures: boolean;
  callIds: boolean;
}

export function toModelParts(
  message: AssistantMessage,
  path: string,
  options: HistoryOptions,
  dropped: Set<string>,
): GeminiPart[] {
  const { texts, thoughts: signedThoughts, isAll } = readSignatures(message);
  if (!isAll) dropped.add('messages[].reasoning_details');
  if (message.reasoning_content && !isSigned(message, texts.length + signedThoughts.length)) {
    dropped.add('messages[].reasoning_content');
  }
  const parts: GeminiPart[] = signedThoughts.map(({ text, signature }) => ({
    text,
    thought: true,
    thoughtSignature: signature,
  }));
  parts.push(...toTextParts(readText(message), texts));
  addCalls(parts, message.tool_calls ?? [], `${path}.tool_calls`, options);
  return parts;
}

/** Whether signatures represent the reasoning. Gemini needs only the signatures, not the thoughts themselves. */
const isSigned = ({ tool_calls: calls }: AssistantMessage, signatures: number): boolean =>
  signatures > 0 || (calls ?? []).some((call) => call.extra_content?.google?.thought_signature !== undefined);

function readText({ content, refusal }: AssistantMessage): string {
  if (typeof content === 'string') return content === '' ? (refusal ?? '') : content;
  if (!content) return refusal ?? '';
  return content.map((part) => (part.type === 'text' ? part.text : part.refusal)).join('');
}

/**
 * Splits the text at the boundaries of its signed ranges. A client may have shortened it: positions beyond its end
 * count as its end.
 */
function toTextParts(text: string, signed: readonly SignedText[]): GeminiPart[] {
  const parts: GeminiPart[] = [];
  let at = 0;
  for (const { from, to, signature } of signed) {
    const start = Math.min(Math.max(from, at), text.length);
    const end = Math.min(Math.max(to, start), text.length);
    if (start > at) parts.push({ text: text.slice(at, start) });
    parts.push({ text: text.slice(start, end), thoughtSignature: signature });
    at = end;
  }
  if (at < text.length) parts.push({ text: text.slice(at) });
  return parts;
}

/**
 * Adds calls. Gemini signs only the first of parallel calls, so the calls after a signed one need no signature. If no
 * signature is known, a model that requires one gets the documented placeholder.
 */
function addCalls(parts: GeminiPart[], calls: readonly ToolCall[], path: string, options: HistoryOptions): void {
  let isSigned = false;
  calls.forEach((call, i) => {
    const at = `${path}[${i}]`;
    if (call.type !== 'function') throw createUnsupportedError(`${at}.type`, 'Gemini calls only functions.');
    const known = call.extra_content?.google?.thought_signature;
    const thoughtSignature = known ?? (options.wantsSignatures && !isSigned ? NO_SIGNATURE : undefined);
    isSigned ||= known !== undefined;
    parts.push({
      functionCall: {
        ...(options.callIds && { id: call.id }),
        name: call.function.name,
        args: parseArguments(call.function.arguments, `${at}.function.arguments`),
      },
      ...(thoughtSignature !== undefined && { thoughtSignature }),
    });
  });
}

/** Parses arguments. An empty text is an empty object. */
function parseArguments(text: string, path: string): JsonObject {
  if (text.trim() === '') return {};
  const value = parseExactObject(text);
  if (!value) throw createInvalidBodyError(path, 'a JSON object, written as a string');
  return value;
}
