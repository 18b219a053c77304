import { MemberKeys } from '../../json/members.js';
import { decodeJson, SseReader } from '../../wire/sse.js';
import { lastMember, WholeAnswer } from '../../wire/whole-response.js';
import type { MeterReading, TokenUsage, UsageMeter } from '../base/dialect.js';
import { FinishReasons, finishReasonsOf } from '../base/finish-reasons.js';
import { geminiCall } from './paths.js';
import { hasObject, hasString, memberValueAt, stringLength } from '../base/stream-text.js';
import { count, errorName, type Fields, fields, NO_TOKENS, NOTHING_READ, text } from '../base/token-counts.js';

const ANSWER = new MemberKeys('usageMetadata', 'modelVersion', 'error', 'responseId', 'candidates');
const PREDICTION = new MemberKeys('predictions', 'error');

export function geminiMeter(contentType: string, path: string): UsageMeter {
  if (contentType.startsWith('text/event-stream')) return new GeminiStreamMeter();
  const verb = geminiCall(path)?.verb;
  if (verb === 'predict') return new PredictionMeter();
  return verb === 'streamGenerateContent' ? new GeminiArrayMeter() : new GeminiAnswerMeter(verb === 'countTokens');
}

class GeminiAnswerMeter implements UsageMeter {
  private readonly answer = new WholeAnswer();

  constructor(private readonly isFree: boolean) {}

  push(chunk: Uint8Array): void {
    this.answer.push(chunk);
  }

  read(): MeterReading {
    const members = this.answer.read(ANSWER);
    if (!members) return NOTHING_READ;
    const error = members.value(2);
    return {
      usage: this.isFree ? NO_TOKENS : geminiUsage(fields(members.value(0))),
      servedModel: text(members.value(1)),
      responseId: text(members.value(3)),
      finishReasons: finishReasonsOf(members.value(4), 'finishReason'),
      errorInBody: error ? errorName(error) : null,
      outputChars: 0,
    };
  }
}

/** Meter of Vertex AI's embeddings, each of which states the tokens of its text. Other predictions state none. */
class PredictionMeter implements UsageMeter {
  private readonly answer = new WholeAnswer();

  push(chunk: Uint8Array): void {
    this.answer.push(chunk);
  }

  read(): MeterReading {
    const members = this.answer.read(PREDICTION);
    if (!members) return NOTHING_READ;
    const error = members.value(1);
    return { ...NOTHING_READ, usage: predictedUsage(members.value(0)), errorInBody: error ? errorName(error) : null };
  }
}

function predictedUsage(predictions: unknown): TokenUsage | null {
  if (!Array.isArray(predictions)) return null;
  let inputTokens = 0;
  for (const prediction of predictions as unknown[]) {
    const tokens = count(fields(fields(fields(prediction)?.['embeddings'])?.['statistics'])?.['token_count']);
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
  private readonly events = new SseReader((data) => this.look(data));
  private readonly reasons = new FinishReasons();
  private last: string | null = null;
  private errorInBody: string | null = null;
  private outputChars = 0;

  push(chunk: Uint8Array): void {
    this.events.push(chunk);
  }

  read(): MeterReading {
    const rest = this.events.rest();
    const unfinished = rest === null ? null : decodeJson(rest);
    const event = unfinished?.['usageMetadata'] || this.last === null ? unfinished : decodeJson(this.last);
    if (unfinished) this.noteError(unfinished);
    this.reasons.noteChoices(unfinished?.['candidates'], 'finishReason');
    return {
      usage: geminiUsage(fields(event?.['usageMetadata'])),
      servedModel: text(event?.['modelVersion']),
      responseId: text(event?.['responseId']),
      finishReasons: this.reasons.all,
      errorInBody: this.errorInBody,
      outputChars: this.outputChars,
    };
  }

  private look(data: string): void {
    this.outputChars += stringLength(data, 'text"');
    if (memberValueAt(data, 'usageMetadata"') >= 0) this.last = data;
    else if (hasObject(data, 'rror"')) this.noteError(decodeJson(data));
    if (hasString(data, 'finishReason"')) this.reasons.noteChoices(decodeJson(data)?.['candidates'], 'finishReason');
  }

  private noteError(event: Fields | null): void {
    if (event?.['error']) this.errorInBody ??= errorName(event['error']);
  }
}

/** Meter of `streamGenerateContent` without `alt=sse`: one JSON array that grows, and may be cut. */
class GeminiArrayMeter implements UsageMeter {
  private readonly answer = new WholeAnswer();

  push(chunk: Uint8Array): void {
    this.answer.push(chunk);
  }

  read(): MeterReading {
    const whole = this.answer.joined();
    const last = lastWithUsage(whole);
    return {
      usage: geminiUsage(fields(last ? last['usageMetadata'] : valueOf(whole, 'usageMetadata'))),
      servedModel: text(last ? last['modelVersion'] : valueOf(whole, 'modelVersion')),
      responseId: text(last ? last['responseId'] : valueOf(whole, 'responseId')),
      finishReasons: reasonsIn(whole),
      errorInBody: errorIn(whole),
      outputChars: 0,
    };
  }
}

function lastWithUsage(whole: Buffer): Fields | undefined {
  return elements(whole)?.findLast((element) => fields(element['usageMetadata']));
}

function errorIn(whole: Buffer): string | null {
  const error = elements(whole)?.find((element) => element['error'])?.['error'];
  return error ? errorName(error) : null;
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
    return (Array.isArray(value) ? value : [value]).map((element) => fields(element) ?? {});
  } catch {
    return null;
  }
}

function valueOf(whole: Buffer, name: string): unknown {
  const span = lastMember(whole, name);
  return span && (JSON.parse(whole.toString('utf8', span.start, span.end)) as unknown);
}

/**
 * Converts Gemini's usage. Cached tokens are part of the prompt; thoughts and tool prompts are counted separately from
 * candidates and prompt.
 */
export function geminiUsage(usage: Fields | undefined): TokenUsage | null {
  if (!usage) return null;
  const reasoning = count(usage['thoughtsTokenCount']) ?? 0;
  const candidates = count(usage['candidatesTokenCount']) ?? count(usage['responseTokenCount']) ?? 0;
  return {
    inputTokens: (count(usage['promptTokenCount']) ?? 0) + (count(usage['toolUsePromptTokenCount']) ?? 0),
    cachedInputTokens: count(usage['cachedContentTokenCount']) ?? 0,
    cacheWriteTokens: 0,
    outputTokens: candidates + reasoning,
    reasoningTokens: reasoning,
  };
}
