import { toOpenAiErrorType } from '../../../../providers/dialects/openai/errors.js';
import type { JsonObject } from '../../../pivot/chat.js';
import type { ChatError } from '../../../pivot/translator.js';

/** Maximum length of a quotation from a response that is not JSON. */
const QUOTED_CHARS = 300;

/**
 * Parses the error of a server with an OpenAI-compatible API: `{"error": {…}}`, `{"error": "text"}` (xAI, Ollama), a
 * flat object (Mistral, Cerebras), `{"detail": …}` (FastAPI), `base_resp` (MiniMax), a choice with an `error`
 * (OpenRouter), or a body that is not JSON. Never throws.
 */
export function toChatError(status: number, body: Uint8Array): ChatError {
  const text = Buffer.from(body).toString('utf8');
  const document = parseObject(text);
  const inner = document?.['error'] || findChoiceError(document?.['choices']);
  const base = toBaseError(document?.['base_resp']);
  const fields = isObject(inner) ? inner : (base ?? document ?? {});
  const message =
    typeof inner === 'string'
      ? inner
      : (readMessage(fields) ?? readMessage(document ?? {}) ?? text.slice(0, QUOTED_CHARS));
  return {
    message: message || `The provider responded with status ${status}.`,
    type: toText(fields['type']) ?? toOpenAiErrorType(status),
    param: toText(fields['param']),
    code: toText(fields['code']),
  };
}

function findChoiceError(choices: unknown): unknown {
  if (!Array.isArray(choices)) return undefined;
  return (choices as unknown[]).map((choice) => isObject(choice) && choice['error']).find(Boolean);
}

/** platform.minimax.io/docs/api-reference/errorcode; code 0 is success. */
function toBaseError(base: unknown): JsonObject | null {
  if (!isObject(base) || !base['status_code']) return null;
  return { message: base['status_msg'], code: base['status_code'] };
}

function readMessage({ message, detail }: JsonObject): string | null {
  if (typeof message === 'string') return message;
  if (typeof detail === 'string') return detail;
  return detail === undefined ? null : JSON.stringify(detail);
}

/** Some vendors use numbers as codes. */
const toText = (value: unknown): string | null =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : null;

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null;

function parseObject(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
