/** Reading figures out of vendors' usage objects, whose fields may be missing, null or (rarely) nonsense. */
import type { MeterReading, TokenUsage } from './dialect.js';

export type Fields = Record<string, unknown>;

/** What a call that costs no tokens reads as. */
export const NO_TOKENS: Readonly<TokenUsage> = Object.freeze({
  inputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
});

/** An answer that tells nothing. */
export const NOTHING_READ: Readonly<MeterReading> = Object.freeze({
  usage: null,
  servedModel: null,
  errorInBody: null,
  outputChars: 0,
});

export function fields(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

/** A token count, or undefined when the value is none. */
export function count(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? Math.round(value) : undefined;
}

export function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Keeps error texts of vendors short enough for a record. */
const MAX_ERROR_CHARS = 500;

/** The message of an error however a vendor nests it; what has none is named by its JSON. */
export function errorText(error: unknown): string {
  const object = fields(error);
  const message = object ? (text(object['message']) ?? JSON.stringify(object)) : String(error);
  return message.slice(0, MAX_ERROR_CHARS);
}
