/** Converts the reason why the model stopped (ai.google.dev/api/generate-content#FinishReason). */
import type { FinishReason } from '../../../pivot/chat.js';
import type { ChatError } from '../../../pivot/translator.js';

const FILTERED: ReadonlySet<string> = new Set([
  'SAFETY',
  'RECITATION',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
  'LANGUAGE',
  'IMAGE_SAFETY',
  'IMAGE_PROHIBITED_CONTENT',
  'IMAGE_RECITATION',
  'MODEL_ARMOR',
]);

/** Reasons for a failed function call: the response is empty, and a retry may succeed. */
const FAILED_CALLS: ReadonlySet<string> = new Set([
  'MALFORMED_FUNCTION_CALL',
  'UNEXPECTED_TOOL_CALL',
  'TOO_MANY_TOOL_CALLS',
  'MALFORMED_RESPONSE',
  'MISSING_THOUGHT_SIGNATURE',
]);

export function toFinishReason(reason: string, hasCalls: boolean): FinishReason {
  if (reason === 'MAX_TOKENS') return 'length';
  if (FILTERED.has(reason)) return 'content_filter';
  return hasCalls ? 'tool_calls' : 'stop';
}

/** Returns the error for a reason that is a failure; null for an ordinary reason. */
export function findFailure(reason: string, message: string | undefined): ChatError | null {
  if (!FAILED_CALLS.has(reason)) return null;
  const text = message ?? 'The model wrote a function call that cannot be used. Try again.';
  return { message: text, type: 'server_error', param: null, code: reason };
}
