import { MemberKeys } from '../../json/members.js';
import { decodeJson, SseReader } from '../../wire/sse.js';
import { type AnswerMembers, WholeAnswer } from '../../wire/whole-response.js';
import type { MeterReading, TokenUsage, UsageMeter } from '../base/dialect.js';
import { FinishReasons, finishReasonsOf } from '../base/finish-reasons.js';
import { type OpenAiCall, openAiCall } from './paths.js';
import { openAiUsage } from './usage.js';
import { hasObject, hasString, memberValueAt, stringLength, stringMember } from '../base/stream-text.js';
import { errorName, type Fields, fields, NO_TOKENS, NOTHING_READ, text } from '../base/token-counts.js';

const ANSWER = new MemberKeys(
  'usage',
  'model',
  'error',
  'x_groq',
  'base_resp',
  'id',
  'choices',
  'status',
  'incomplete_details',
  'object',
  'code',
);

/** Number of events that are searched for the id of the response: Azure's first event has an empty id. */
const EVENTS_WITH_ID = 3;

export function openAiMeter(contentType: string, path: string): UsageMeter {
  const call = openAiCall(path);
  if (contentType.startsWith('text/event-stream')) return new OpenAiStreamMeter(call);
  return new OpenAiAnswerMeter(call);
}

/** Meter of a whole response (chat, completion, response, embeddings), whose `usage` is a member of the object. */
class OpenAiAnswerMeter implements UsageMeter {
  private readonly answer = new WholeAnswer();

  constructor(private readonly call: OpenAiCall) {}

  push(chunk: Uint8Array): void {
    this.answer.push(chunk);
  }

  read(): MeterReading {
    const members = this.answer.read(ANSWER);
    if (!members) return NOTHING_READ;
    const usage = fields(members.value(0)) ?? fields(fields(members.value(3))?.['usage']);
    const error = members.value(2);
    return {
      usage: billed(openAiUsage(usage), this.call),
      servedModel: text(members.value(1)),
      responseId: text(members.value(5)),
      finishReasons: this.finishReasons(members),
      errorInBody: error ? errorName(error) : (minimaxError(members.value(4)) ?? flatError(members)),
      outputChars: 0,
    };
  }

  private finishReasons(members: AnswerMembers): readonly string[] {
    if (this.call !== 'responses') return finishReasonsOf(members.value(6), 'finish_reason');
    const reasons = new FinishReasons();
    reasons.noteResponse({ status: members.value(7), incomplete_details: members.value(8) });
    return reasons.all;
  }
}

/**
 * Meter of a stream of chunks or of Responses events. Only events that hold a usage object or an error, or may hold the
 * id or a finish reason, are parsed. Of cumulative usage (Perplexity reports it in every chunk) the last counts.
 */
class OpenAiStreamMeter implements UsageMeter {
  private readonly events = new SseReader((data) => this.look(data));
  private usage: TokenUsage | null = null;
  private readonly reasons = new FinishReasons();
  private servedModel: string | null = null;
  private responseId: string | null = null;
  private searchedForId = 0;
  private errorInBody: string | null = null;
  private outputChars = 0;

  constructor(private readonly call: OpenAiCall) {}

  push(chunk: Uint8Array): void {
    this.events.push(chunk);
  }

  read(): MeterReading {
    const rest = this.events.rest();
    if (rest !== null) this.parse(rest);
    return {
      usage: billed(this.usage, this.call),
      servedModel: this.servedModel,
      responseId: this.responseId,
      finishReasons: this.reasons.all,
      errorInBody: this.errorInBody,
      outputChars: this.outputChars,
    };
  }

  private look(data: string): void {
    this.servedModel ??= stringMember(data, 'model"');
    const chars = this.call === 'responses' ? responseChars(data) : chatChars(data);
    this.outputChars += chars;
    // an event with text is not an error; usage may accompany text (Perplexity, vLLM)
    if (hasObject(data, 'usage"') || (chars === 0 && mayBeError(data)) || this.mayIdentify(data)) this.parse(data);
  }

  private mayIdentify(data: string): boolean {
    if (this.responseId === null && this.searchedForId++ < EVENTS_WITH_ID) return true;
    return this.call !== 'responses' && hasString(data, 'finish_reason"');
  }

  private parse(data: string): void {
    const event = decodeJson(data);
    if (!event) return;
    // Responses events wrap the response; everything else is the chunk itself
    const holder = fields(event['response']) ?? event;
    const usage = fields(holder['usage']) ?? fields(fields(holder['x_groq'])?.['usage']);
    this.usage = openAiUsage(usage) ?? this.usage;
    this.servedModel = text(holder['model']) ?? this.servedModel;
    this.responseId ??= text(holder['id']);
    if (this.call === 'responses') this.reasons.noteResponse(holder);
    else this.reasons.noteChoices(holder['choices'], 'finish_reason');
    this.errorInBody ??= streamError(event, holder);
  }
}

/**
 * Returns the usage to bill: none for a stored response that is read again, and zero for a free call unless it reports
 * usage.
 */
function billed(usage: TokenUsage | null, call: OpenAiCall): TokenUsage | null {
  if (call === 'replay') return null;
  return call === 'free' ? (usage ?? NO_TOKENS) : usage;
}

/** Counts the characters of a chunk. `content":` also ends `reasoning_content":`. */
function chatChars(data: string): number {
  const chars = stringLength(data, 'content"');
  if (chars > 0) return chars;
  return stringLength(data, 'arguments"') || stringLength(data, 'reasoning"') || stringLength(data, 'text"');
}

/**
 * Counts the characters of delta events, which carry a string `delta`. The `done` events repeat earlier text and are
 * not counted.
 */
function responseChars(data: string): number {
  return stringLength(data, 'delta"');
}

/** Whether the event may hold an `error` that is not null, is of type `error`, or holds MiniMax's status. */
function mayBeError(data: string): boolean {
  if (memberValueAt(data, 'base_resp"') >= 0) return true;
  for (let at = data.indexOf('rror"'); at >= 0; at = data.indexOf('rror"', at + 1)) {
    const value = memberValueAt(data.slice(at, at + 20), 'rror"');
    if (value < 0 || data.charCodeAt(at + value) !== 0x6e) return true;
  }
  return false;
}

function streamError(event: Fields, holder: Fields): string | null {
  const error = holder['error'] ?? (fields(holder['x_groq']) ?? {})['error'];
  if (error) return errorName(error);
  if (event['type'] === 'error') return errorName(event);
  return minimaxError(holder['base_resp']);
}

/** Mistral's errors are flat: `{"object": "error", "code"}`. */
function flatError(members: AnswerMembers): string | null {
  return members.value(9) === 'error' ? errorName(members.value(10)) : null;
}

/** MiniMax returns errors with status 200 and `base_resp: {status_code, status_msg}`; 0 is success. */
function minimaxError(value: unknown): string | null {
  const base = fields(value);
  if (!base || !base['status_code']) return null;
  return errorName(base);
}
