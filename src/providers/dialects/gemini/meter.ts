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
    const error = members.value(2);
    return {
      usage: this.isFree ? NO_TOKENS : readGeminiUsage(toFields(members.value(0))),
      servedModel: toText(members.value(1)),
      responseId: toText(members.value(3)),
      finishReasons: readFinishReasons(members.value(4), 'finishReason'),
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
    const error = members.value(1);
    return {
      ...NOTHING_READ,
      usage: predictedUsage(members.value(0)),
      errorInBody: error ? readErrorName(error) : null,
    };
  }
}

function predictedUsage(predictions: unknown): TokenUsage | null {
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
  readonly #events = new SseReader((data) => this.#look(data));
  readonly #reasons = new FinishReasons();
  #last: string | null = null;
  #errorInBody: string | null = null;
  #outputChars = 0;

  push(chunk: Uint8Array): void {
    this.#events.push(chunk);
  }

  read(): MeterReading {
    const rest = this.#events.rest();
    const unfinished = rest === null ? null : decodeJson(rest);
    const event = unfinished?.['usageMetadata'] || this.#last === null ? unfinished : decodeJson(this.#last);
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

  #look(data: string): void {
    this.#outputChars += measureString(data, 'text"');
    if (findMemberValue(data, 'usageMetadata"') >= 0) this.#last = data;
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
    const whole = this.#response.joined();
    const last = lastWithUsage(whole);
    return {
      usage: readGeminiUsage(toFields(last ? last['usageMetadata'] : valueOf(whole, 'usageMetadata'))),
      servedModel: toText(last ? last['modelVersion'] : valueOf(whole, 'modelVersion')),
      responseId: toText(last ? last['responseId'] : valueOf(whole, 'responseId')),
      finishReasons: reasonsIn(whole),
      errorInBody: errorIn(whole),
      outputChars: 0,
    };
  }
}

function lastWithUsage(whole: Buffer): Fields | undefined {
  return elements(whole)?.findLast((element) => toFields(element['usageMetadata']));
}

function errorIn(whole: Buffer): string | null {
  const error = elements(whole)?.find((element) => element['error'])?.['error'];
  return error ? readErrorName(error) : null;
}

function reasonsIn(whole: Buffer): readonly string[] {
  const reasons = new FinishReasons();
  for (const element of elements(whole) ?? []) reasons.noteChoices(element['candidates'], 'finishReason');
  return reasons.all;
}

/** Returns the array's objects; null if it is cut or was too large to keep. */
function elements(whole: Buffer): Fields[] | null {
  try {
    const value: unknown = JSON.parse(whole.toString('utf8'));
    return (Array.isArray(value) ? value : [value]).map((element) => toFields(element) ?? {});
  } catch {
    return null;
  }
}

function valueOf(whole: Buffer, name: string): unknown {
  const span = findLastMember(whole, name);
  return span && (JSON.parse(whole.toString('utf8', span.start, span.end)) as unknown);
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
