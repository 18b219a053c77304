import { MemberKeys } from '../../json/members.js';
import { decodeJson, SseReader } from '../../wire/sse.js';
import { findLastMember, WholeResponse } from '../../wire/whole-response.js';
import type { MeterReading, TokenUsage, UsageMeter } from '../base/dialect.js';
import { FinishReasons, readFinishReasons } from '../base/finish-reasons.js';
import { parseGeminiPath } from './paths.js';
import { hasObject, hasString, findMemberValue, measureString } from '../base/stream-text.js';
import {
  toCount,
  readErrorName,
  type Fields,
  toFields,
  NO_TOKENS,
  NOTHING_READ,
  toText,
} from '../base/token-counts.js';

const RESPONSE = new MemberKeys('usageMetadata', 'modelVersion', 'error', 'responseId', 'candidates');
const PREDICTION = new MemberKeys('predictions', 'error');

export function createGeminiMeter(contentType: string, path: string): UsageMeter {
  if (contentType.startsWith('text/event-stream')) return new GeminiStreamMeter();
  const verb = parseGeminiPath(path)?.verb;
  if (verb === 'predict') return new PredictionMeter();
  return verb === 'streamGenerateContent' ? new GeminiArrayMeter() : new GeminiResponseMeter(verb === 'countTokens');
}

class GeminiResponseMeter implements UsageMeter {
  readonly #response = new WholeResponse();

  constructor(private readonly isFree: boolean) {}

  push(chunk: Uint8Array): void {
    this.#response.push(chunk);
  }

  read(): MeterReading {
    const members = this.#response.read(RESPONSE);
    if (!members) return NOTHING_READ;
    const error = members.get(2);
    return {
      usage: this.isFree ? NO_TOKENS : readGeminiUsage(toFields(members.get(0))),
      servedModel: toText(members.get(1)),
      responseId: toText(members.get(3)),
      finishReasons: readFinishReasons(members.get(4), 'finishReason'),
      errorInBody: error ? readErrorName(error) : null,
      outputChars: 0,
    };
  }
}

/** Meter of Vertex AI's embeddings, each of which states the tokens of its text. Other predictions state none. */
class PredictionMeter implements UsageMeter {
  readonly #response = new WholeResponse();

  push(chunk: Uint8Array): void {
    this.#response.push(chunk);
  }

  read(): MeterReading {
    const members = this.#response.read(PREDICTION);
    if (!members) return NOTHING_READ;
    const error = members.get(1);
    return {
      ...NOTHING_READ,
      usage: readPredictedUsage(members.get(0)),
      errorInBody: error ? readErrorName(error) : null,
    };
  }
}

function readPredictedUsage(predictions: unknown): TokenUsage | null {
  if (!Array.isArray(predictions)) return null;
  let inputTokens = 0;
  for (const prediction of predictions as unknown[]) {
    const tokens = toCount(toFields(toFields(toFields(prediction)?.['embeddings'])?.['statistics'])?.['token_count']);
    if (tokens === undefined) return null;
    inputTokens += tokens;
  }
  return { ...NO_TOKENS, inputTokens };
}

/**
 * Meter of a stream. Every event carries the usage so far, so only the last event with usage is parsed, and only when
 * the meter is read.
 */
class GeminiStreamMeter implements UsageMeter {
  readonly #events = new SseReader((data) => this.#scanEvent(data));
  readonly #reasons = new FinishReasons();
  #lastUsageEvent: string | null = null;
  #errorInBody: string | null = null;
  #outputChars = 0;

  push(chunk: Uint8Array): void {
    this.#events.push(chunk);
  }

  read(): MeterReading {
    const rest = this.#events.getRest();
    const unfinished = rest === null ? null : decodeJson(rest);
    const event =
      unfinished?.['usageMetadata'] || this.#lastUsageEvent === null ? unfinished : decodeJson(this.#lastUsageEvent);
    if (unfinished) this.#noteError(unfinished);
    this.#reasons.noteChoices(unfinished?.['candidates'], 'finishReason');
    return {
      usage: readGeminiUsage(toFields(event?.['usageMetadata'])),
      servedModel: toText(event?.['modelVersion']),
      responseId: toText(event?.['responseId']),
      finishReasons: this.#reasons.all,
      errorInBody: this.#errorInBody,
      outputChars: this.#outputChars,
    };
  }

  #scanEvent(data: string): void {
    this.#outputChars += measureString(data, 'text"');
    if (findMemberValue(data, 'usageMetadata"') >= 0) this.#lastUsageEvent = data;
    else if (hasObject(data, 'rror"')) this.#noteError(decodeJson(data));
    if (hasString(data, 'finishReason"')) this.#reasons.noteChoices(decodeJson(data)?.['candidates'], 'finishReason');
  }

  #noteError(event: Fields | null): void {
    if (event?.['error']) this.#errorInBody ??= readErrorName(event['error']);
  }
}

/** Meter of `streamGenerateContent` without `alt=sse`: one JSON array that grows, and may be cut. */
class GeminiArrayMeter implements UsageMeter {
  readonly #response = new WholeResponse();

  push(chunk: Uint8Array): void {
    this.#response.push(chunk);
  }

  read(): MeterReading {
    const bytes = this.#response.join();
    const last = findLastWithUsage(bytes);
    return {
      usage: readGeminiUsage(toFields(last ? last['usageMetadata'] : readLastValue(bytes, 'usageMetadata'))),
      servedModel: toText(last ? last['modelVersion'] : readLastValue(bytes, 'modelVersion')),
      responseId: toText(last ? last['responseId'] : readLastValue(bytes, 'responseId')),
      finishReasons: readReasons(bytes),
      errorInBody: readError(bytes),
      outputChars: 0,
    };
  }
}

function findLastWithUsage(bytes: Buffer): Fields | undefined {
  return parseElements(bytes)?.findLast((element) => toFields(element['usageMetadata']));
}

function readError(bytes: Buffer): string | null {
  const error = parseElements(bytes)?.find((element) => element['error'])?.['error'];
  return error ? readErrorName(error) : null;
}

function readReasons(bytes: Buffer): readonly string[] {
  const reasons = new FinishReasons();
  for (const element of parseElements(bytes) ?? []) reasons.noteChoices(element['candidates'], 'finishReason');
  return reasons.all;
}

/** Returns the array's objects; null if it is cut or was too large to keep. */
function parseElements(bytes: Buffer): Fields[] | null {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return (Array.isArray(value) ? value : [value]).map((element) => toFields(element) ?? {});
  } catch {
    return null;
  }
}

function readLastValue(bytes: Buffer, name: string): unknown {
  const span = findLastMember(bytes, name);
  return span && (JSON.parse(bytes.toString('utf8', span.start, span.end)) as unknown);
}

/**
 * Converts Gemini's usage. Cached tokens are part of the prompt; thoughts and tool prompts are counted separately from
 * candidates and prompt.
 */
export function readGeminiUsage(usage: Fields | undefined): TokenUsage | null {
  if (!usage) return null;
  const reasoning = toCount(usage['thoughtsTokenCount']) ?? 0;
  const candidates = toCount(usage['candidatesTokenCount']) ?? toCount(usage['responseTokenCount']) ?? 0;
  return {
    inputTokens: (toCount(usage['promptTokenCount']) ?? 0) + (toCount(usage['toolUsePromptTokenCount']) ?? 0),
    cachedInputTokens: toCount(usage['cachedContentTokenCount']) ?? 0,
    cacheWriteTokens: 0,
    outputTokens: candidates + reasoning,
    reasoningTokens: reasoning,
  };
}
