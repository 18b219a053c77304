import { LineReader } from '../../wire/json-lines.js';
import { MemberKeys } from '../../json/members.js';
import { decodeJson, SseReader } from '../../wire/sse.js';
import { streamFormOf, type TextStreamForm } from '../../wire/stream-form.js';
import { type AnswerMembers, WholeAnswer } from '../../wire/whole-response.js';
import type { MeterReading, TokenUsage, UsageMeter } from '../base/dialect.js';
import { FinishReasons, finishReasonOf } from '../base/finish-reasons.js';
import { hasString, memberValueAt, stringLength } from '../base/stream-text.js';
import { count, errorName, type Fields, fields, NO_TOKENS, NOTHING_READ, text } from '../base/token-counts.js';

const ANSWER = new MemberKeys('usage', 'meta', 'model', 'finish_reason', 'id', 'response_id', 'message');

/** Paths of free calls. */
const FREE = /^v1\/(?:de)?tokenize(?:\?|$)/;

export function cohereMeter(contentType: string, path: string): UsageMeter {
  const form = streamFormOf(contentType);
  if (form === 'events' || form === 'lines') return new CohereStreamMeter(form);
  return new CohereAnswerMeter(FREE.test(path));
}

/** Meter of a whole response. Chat states `usage`; embed, rerank and version 1 state `meta.billed_units`. */
class CohereAnswerMeter implements UsageMeter {
  private readonly answer = new WholeAnswer();

  constructor(private readonly isFree: boolean) {}

  push(chunk: Uint8Array): void {
    this.answer.push(chunk);
  }

  read(): MeterReading {
    const members = this.answer.read(ANSWER);
    if (!members) return NOTHING_READ;
    const usage = cohereUsage(fields(members.value(0)) ?? fields(members.value(1)));
    return {
      usage: this.isFree ? (usage ?? NO_TOKENS) : usage,
      servedModel: text(members.value(2)),
      responseId: text(members.value(4)) ?? text(members.value(5)),
      finishReasons: finishReasonOf(members.value(3)),
      errorInBody: this.errorIn(members),
      outputChars: 0,
    };
  }

  /** Returns the error in a response. The `message` of an error is a string, that of a response an object. */
  private errorIn(members: AnswerMembers): string | null {
    return errorOf(members.value(3)) ?? (typeof members.value(6) === 'string' ? errorName(null) : null);
  }
}

class CohereStreamMeter implements UsageMeter {
  private readonly events: SseReader | LineReader;
  private readonly reasons = new FinishReasons();
  private usage: TokenUsage | null = null;
  private responseId: string | null = null;
  private errorInBody: string | null = null;
  private outputChars = 0;

  constructor(form: TextStreamForm) {
    const look = (data: string): void => this.look(data);
    this.events = form === 'lines' ? new LineReader(look) : new SseReader(look);
  }

  push(chunk: Uint8Array): void {
    this.events.push(chunk);
  }

  read(): MeterReading {
    const rest = this.events.rest();
    if (rest !== null) this.parse(rest);
    return {
      usage: this.usage,
      servedModel: null,
      responseId: this.responseId,
      finishReasons: this.reasons.all,
      errorInBody: this.errorInBody,
      outputChars: this.outputChars,
    };
  }

  private look(data: string): void {
    this.outputChars +=
      stringLength(data, 'text"') || stringLength(data, 'arguments"') || stringLength(data, 'tool_plan"');
    // only the first and the last event have an id, and only the last one a finish reason
    if (this.responseId === null && hasString(data, 'id"')) this.parse(data);
    else if (memberValueAt(data, 'finish_reason"') >= 0) this.parse(data);
  }

  private parse(data: string): void {
    const event = decodeJson(data);
    if (event?.['type'] === 'message-start') this.responseId ??= text(event['id']);
    const end = endOf(event);
    if (!end) return;
    this.responseId ??= end.responseId;
    this.usage = cohereUsage(end.usage) ?? this.usage;
    this.reasons.note(end.reason);
    this.errorInBody = errorOf(end.reason) ?? this.errorInBody;
  }
}

interface StreamEnd {
  readonly responseId: string | null;
  readonly usage: Fields | undefined;
  readonly reason: unknown;
}

/** Reads the end of a stream. Version 2 ends with `message-end`, version 1 with `stream-end` and the whole response. */
function endOf(event: Fields | null): StreamEnd | null {
  if (event?.['type'] === 'message-end') {
    const delta = fields(event['delta']);
    return { responseId: text(event['id']), usage: fields(delta?.['usage']), reason: delta?.['finish_reason'] };
  }
  if (event?.['event_type'] !== 'stream-end') return null;
  const response = fields(event['response']);
  const usage = fields(response?.['meta']);
  return { responseId: text(response?.['response_id']), usage, reason: event['finish_reason'] };
}

/** Returns the error name for the reasons `ERROR`, `ERROR_TOXIC`, `ERROR_LIMIT` and `TIMEOUT`. */
const errorOf = (reason: unknown): string | null =>
  typeof reason === 'string' && /^(?:ERROR|TIMEOUT)/.test(reason) ? `finish_reason_${reason.toLowerCase()}` : null;

/**
 * Converts Cohere's usage. Billed units take precedence; `tokens` (which include the template's) count only if nothing
 * is billed. Rerank is billed per search and has no tokens.
 */
export function cohereUsage(usage: Fields | undefined): TokenUsage | null {
  const figures = fields(usage?.['billed_units']) ?? fields(usage?.['tokens']);
  if (!figures) return null;
  const inputTokens = (count(figures['input_tokens']) ?? 0) + (count(figures['image_tokens']) ?? 0);
  return {
    inputTokens,
    cachedInputTokens: Math.min(count(usage?.['cached_tokens']) ?? 0, inputTokens),
    cacheWriteTokens: 0,
    outputTokens: count(figures['output_tokens']) ?? 0,
    reasoningTokens: 0,
  };
}
