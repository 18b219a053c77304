import { LineReader } from '../../wire/json-lines.js';
import { MemberKeys } from '../../json/members.js';
import { decodeJson, SseReader } from '../../wire/sse.js';
import { detectStreamForm, type TextStreamForm } from '../../wire/stream-form.js';
import { type ResponseMembers, WholeResponse } from '../../wire/whole-response.js';
import type { MeterReading, TokenUsage, UsageMeter } from '../base/dialect.js';
import { FinishReasons, readFinishReason } from '../base/finish-reasons.js';
import { hasString, findMemberValue, measureString } from '../base/stream-text.js';
import {
  toCount,
  readErrorName,
  type Fields,
  toFields,
  NO_TOKENS,
  NOTHING_READ,
  toText,
} from '../base/token-counts.js';

const RESPONSE = new MemberKeys('usage', 'meta', 'model', 'finish_reason', 'id', 'response_id', 'message');

/** Paths of free calls. */
const FREE = /^v1\/(?:de)?tokenize(?:\?|$)/;

export function createCohereMeter(contentType: string, path: string): UsageMeter {
  const form = detectStreamForm(contentType);
  if (form === 'events' || form === 'lines') return new CohereStreamMeter(form);
  return new CohereResponseMeter(FREE.test(path));
}

/** Meter of a whole response. Chat states `usage`; embed, rerank and version 1 state `meta.billed_units`. */
class CohereResponseMeter implements UsageMeter {
  readonly #response = new WholeResponse();

  constructor(private readonly isFree: boolean) {}

  push(chunk: Uint8Array): void {
    this.#response.push(chunk);
  }

  read(): MeterReading {
    const members = this.#response.read(RESPONSE);
    if (!members) return NOTHING_READ;
    const usage = readCohereUsage(toFields(members.get(0)) ?? toFields(members.get(1)));
    return {
      usage: this.isFree ? (usage ?? NO_TOKENS) : usage,
      servedModel: toText(members.get(2)),
      responseId: toText(members.get(4)) ?? toText(members.get(5)),
      finishReasons: readFinishReason(members.get(3)),
      errorInBody: this.#readError(members),
      outputChars: 0,
    };
  }

  /** Returns the error in a response. The `message` of an error is a string, that of a response an object. */
  #readError(members: ResponseMembers): string | null {
    return toErrorName(members.get(3)) ?? (typeof members.get(6) === 'string' ? readErrorName(null) : null);
  }
}

class CohereStreamMeter implements UsageMeter {
  readonly #events: SseReader | LineReader;
  readonly #reasons = new FinishReasons();
  #usage: TokenUsage | null = null;
  #responseId: string | null = null;
  #errorInBody: string | null = null;
  #outputChars = 0;

  constructor(form: TextStreamForm) {
    const scan = (data: string): void => this.#scanEvent(data);
    this.#events = form === 'lines' ? new LineReader(scan) : new SseReader(scan);
  }

  push(chunk: Uint8Array): void {
    this.#events.push(chunk);
  }

  read(): MeterReading {
    const rest = this.#events.getRest();
    if (rest !== null) this.#parse(rest);
    return {
      usage: this.#usage,
      servedModel: null,
      responseId: this.#responseId,
      finishReasons: this.#reasons.all,
      errorInBody: this.#errorInBody,
      outputChars: this.#outputChars,
    };
  }

  #scanEvent(data: string): void {
    this.#outputChars +=
      measureString(data, 'text"') || measureString(data, 'arguments"') || measureString(data, 'tool_plan"');
    // only the first and the last event have an id, and only the last one a finish reason
    if (this.#responseId === null && hasString(data, 'id"')) this.#parse(data);
    else if (findMemberValue(data, 'finish_reason"') >= 0) this.#parse(data);
  }

  #parse(data: string): void {
    const event = decodeJson(data);
    if (event?.['type'] === 'message-start') this.#responseId ??= toText(event['id']);
    const end = readStreamEnd(event);
    if (!end) return;
    this.#responseId ??= end.responseId;
    this.#usage = readCohereUsage(end.usage) ?? this.#usage;
    this.#reasons.note(end.reason);
    this.#errorInBody = toErrorName(end.reason) ?? this.#errorInBody;
  }
}

interface StreamEnd {
  readonly responseId: string | null;
  readonly usage: Fields | undefined;
  readonly reason: unknown;
}

/** Reads the end of a stream. Version 2 ends with `message-end`, version 1 with `stream-end` and the whole response. */
function readStreamEnd(event: Fields | null): StreamEnd | null {
  if (event?.['type'] === 'message-end') {
    const delta = toFields(event['delta']);
    return { responseId: toText(event['id']), usage: toFields(delta?.['usage']), reason: delta?.['finish_reason'] };
  }
  if (event?.['event_type'] !== 'stream-end') return null;
  const response = toFields(event['response']);
  const usage = toFields(response?.['meta']);
  return { responseId: toText(response?.['response_id']), usage, reason: event['finish_reason'] };
}

/** Returns the error name for the reasons `ERROR`, `ERROR_TOXIC`, `ERROR_LIMIT` and `TIMEOUT`. */
const toErrorName = (reason: unknown): string | null =>
  typeof reason === 'string' && /^(?:ERROR|TIMEOUT)/.test(reason) ? `finish_reason_${reason.toLowerCase()}` : null;

/**
 * Converts Cohere's usage. Billed units take precedence; `tokens` (which include the template's) count only if nothing
 * is billed. Rerank is billed per search and has no tokens.
 */
export function readCohereUsage(usage: Fields | undefined): TokenUsage | null {
  const figures = toFields(usage?.['billed_units']) ?? toFields(usage?.['tokens']);
  if (!figures) return null;
  const inputTokens = (toCount(figures['input_tokens']) ?? 0) + (toCount(figures['image_tokens']) ?? 0);
  return {
    inputTokens,
    cachedInputTokens: Math.min(toCount(usage?.['cached_tokens']) ?? 0, inputTokens),
    cacheWriteTokens: 0,
    outputTokens: toCount(figures['output_tokens']) ?? 0,
    reasoningTokens: 0,
  };
}
