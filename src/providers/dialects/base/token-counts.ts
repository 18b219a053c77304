/** Reads figures of vendors' usage objects, whose fields may be missing, null or (rarely) nonsense. */
import type { MeterReading, TokenUsage } from './dialect.js';

export type Fields = Record<string, unknown>;

/** Usage of a call that costs no tokens. */
export const NO_TOKENS: Readonly<TokenUsage> = Object.freeze({
  inputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
});

/** Reading of a response without usable data. */
export const NOTHING_READ: Readonly<MeterReading> = Object.freeze({
  usage: null,
  servedModel: null,
  responseId: null,
  finishReasons: Object.freeze([]),
  errorInBody: null,
  outputChars: 0,
});

export function toFields(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

/** Returns a token count, or undefined if the value is not one. */
export function toCount(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? Math.round(value) : undefined;
}

export function toText(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Format of a vendor's word or number, which cannot quote a request. */
const ERROR_NAME = /^(?:[A-Za-z]\w{0,63}|\d{1,6})$/;

/**
 * Returns the vendor's name of an error for the record: its code or its kind. Never its message, which may repeat the
 * key and the prompt.
 */
export function readErrorName(error: unknown): string {
  const object = toFields(error) ?? { code: error };
  const names = ['code', 'status', 'type', 'status_code']
    .map((key) => object[key])
    .flatMap((name) => (typeof name === 'string' || typeof name === 'number' ? [String(name)] : []))
    .filter((name) => ERROR_NAME.test(name));
  // A number such as 400 is less specific than the word beside it.
  return names.find((name) => !/^\d/.test(name)) ?? names[0] ?? 'unnamed_error';
}
