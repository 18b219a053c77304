/** Decides which vendors can read `reasoning_details` whose only sign of origin is their format. */
import { REASONING_FORMAT } from '../provider-formats/bedrock/wire.js';
import { CLAUDE_FORMAT } from '../provider-formats/anthropic/reasoning-replay.js';
import { COHERE_FORMAT } from '../provider-formats/cohere/thinking.js';
import { GEMINI_FORMAT, isTextRange } from '../provider-formats/gemini/signatures.js';
import { CLAUDE_ORIGIN, type ReplayReader } from './origin.js';

/** Formats that this gateway defined. */
const GATEWAY_FORMATS: ReadonlySet<unknown> = new Set([REASONING_FORMAT, COHERE_FORMAT]);

/** @param id as the client sends it, without a mark */
export function canReadFormat(
  { origin, anyDetails, thoughtSignatures }: ReplayReader,
  format: unknown,
  id: unknown,
): boolean {
  const isGatewayFormat = GATEWAY_FORMATS.has(format) || isTextRange(id);
  if (anyDetails) return !isGatewayFormat;
  if (format === CLAUDE_FORMAT) return origin === CLAUDE_ORIGIN;
  // OpenRouter gives Google's signatures the id of a call
  if (format === GEMINI_FORMAT) return thoughtSignatures === true && (typeof id !== 'string' || isTextRange(id));
  if (format === REASONING_FORMAT) return origin.startsWith('bedrock-');
  return format === COHERE_FORMAT && origin === 'cohere';
}
