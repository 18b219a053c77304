import { MemberKeys } from '../../json/members.js';
import { decodeJson, SseReader } from '../../wire/sse.js';
import { type ResponseMembers, WholeResponse } from '../../wire/whole-response.js';
import type { MeterReading, TokenUsage, UsageMeter } from '../base/dialect.js';
import { FinishReasons, readFinishReasons } from '../base/finish-reasons.js';
import { type OpenAiCall, parseOpenAiPath } from './paths.js';
import { readOpenAiUsage } from './usage.js';
import { hasObject, hasString, findMemberValue, measureString, readStringMember } from '../base/stream-text.js';
import { readErrorName, type Fields, toFields, NO_TOKENS, NOTHING_READ, toText } from '../base/token-counts.js';

const RESPONSE = new MemberKeys(
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

export function createOpenAiMeter(contentType: string, path: string): UsageMeter {
  const call = parseOpenAiPath(path);
  if (contentType.startsWith('text/event-stream')) return new OpenAiStreamMeter(call);
  return new OpenAiResponseMeter(call);
}

/** Meter of a whole response (chat, completion, response, embeddings), whose `usage` is a member of the object. */
class OpenAiResponseMeter implements UsageMeter {
  readonly #response = new WholeResponse();

  constructor(private readonly call: OpenAiCall) {}

  push(chunk: Uint8Array): void {
    this.#response.push(chunk);
  }

  read(): MeterReading {
    const members = this.#response.read(RESPONSE);
    if (!members) return NOTHING_READ;
    const usage = toFields(members.get(0)) ?? toFields(toFields(members.get(3))?.['usage']);
    const error = members.get(2);
    return {
      usage: toBilledUsage(readOpenAiUsage(usage), this.call),
      servedModel: toText(members.get(1)),
      responseId: toText(members.get(5)),
      finishReasons: this.#finishReasons(members),
      errorInBody: error ? readErrorName(error) : (readMinimaxError(members.get(4)) ?? readFlatError(members)),
      outputChars: 0,
    };
  }

  #finishReasons(members: ResponseMembers): readonly string[] {
    if (this.call !== 'responses') return readFinishReasons(members.get(6), 'finish_reason');
    const reasons = new FinishReasons();
    reasons.noteResponse({ status: members.get(7), incomplete_details: members.get(8) });
    return reasons.all;
  }
}

/**
 * Meter of a stream of chunks or of Responses events. Only events that hold a usage object or an error, or may hold the
 * id or a finish reason, are parsed. Of cumulative usage (Perplexity reports it in every chunk) the last counts.
 */
class OpenAiStreamMeter implements UsageMeter {
  readonly #events = new SseReader((data) => this.#scanEvent(data));
  #usage: TokenUsage | null = null;
  readonly #reasons = new FinishReasons();
  #servedModel: string | null = null;
  #responseId: string | null = null;
  #searchedForId = 0;
  #errorInBody: string | null = null;
  #outputChars = 0;

  constructor(private readonly call: OpenAiCall) {}

  push(chunk: Uint8Array): void {
    this.#events.push(chunk);
  }

  read(): MeterReading {
    const rest = this.#events.getRest();
    if (rest !== null) this.#parse(rest);
    return {
      usage: toBilledUsage(this.#usage, this.call),
      servedModel: this.#servedModel,
      responseId: this.#responseId,
      finishReasons: this.#reasons.all,
      errorInBody: this.#errorInBody,
      outputChars: this.#outputChars,
    };
  }

  #scanEvent(data: string): void {
    this.#servedModel ??= readStringMember(data, 'model"');
    const chars = this.call === 'responses' ? countResponseChars(data) : countChatChars(data);
    this.#outputChars += chars;
    // an event with text is not an error; usage may accompany text (Perplexity, vLLM)
    if (hasObject(data, 'usage"') || (chars === 0 && mayBeError(data)) || this.#mayIdentify(data)) this.#parse(data);
  }

  #mayIdentify(data: string): boolean {
    if (this.#responseId === null && this.#searchedForId++ < EVENTS_WITH_ID) return true;
    return this.call !== 'responses' && hasString(data, 'finish_reason"');
  }

  #parse(data: string): void {
    const event = decodeJson(data);
    if (!event) return;
    // Responses events wrap the response; everything else is the chunk itself
    const holder = toFields(event['response']) ?? event;
    const usage = toFields(holder['usage']) ?? toFields(toFields(holder['x_groq'])?.['usage']);
    this.#usage = readOpenAiUsage(usage) ?? this.#usage;
    this.#servedModel = toText(holder['model']) ?? this.#servedModel;
    this.#responseId ??= toText(holder['id']);
    if (this.call === 'responses') this.#reasons.noteResponse(holder);
    else this.#reasons.noteChoices(holder['choices'], 'finish_reason');
    this.#errorInBody ??= readStreamError(event, holder);
  }
}

/**
 * Returns the usage to bill: none for a stored response that is read again, and zero for a free call unless it reports
 * usage.
 */
function toBilledUsage(usage: TokenUsage | null, call: OpenAiCall): TokenUsage | null {
  if (call === 'replay') return null;
  return call === 'free' ? (usage ?? NO_TOKENS) : usage;
}

/** Counts the characters of a chunk. `content":` also ends `reasoning_content":`. */
function countChatChars(data: string): number {
  const chars = measureString(data, 'content"');
  if (chars > 0) return chars;
  return measureString(data, 'arguments"') || measureString(data, 'reasoning"') || measureString(data, 'text"');
}

/**
 * Counts the characters of delta events, which carry a string `delta`. The `done` events repeat earlier text and are
 * not counted.
 */
function countResponseChars(data: string): number {
  return measureString(data, 'delta"');
}

/** Whether the event may hold an `error` that is not null, is of type `error`, or holds MiniMax's status. */
function mayBeError(data: string): boolean {
  if (findMemberValue(data, 'base_resp"') >= 0) return true;
  for (let at = data.indexOf('rror"'); at >= 0; at = data.indexOf('rror"', at + 1)) {
    const value = findMemberValue(data.slice(at, at + 20), 'rror"');
    if (value < 0 || data.charCodeAt(at + value) !== 0x6e) return true;
  }
  return false;
}

function readStreamError(event: Fields, holder: Fields): string | null {
  const error = holder['error'] ?? (toFields(holder['x_groq']) ?? {})['error'];
  if (error) return readErrorName(error);
  if (event['type'] === 'error') return readErrorName(event);
  return readMinimaxError(holder['base_resp']);
}

/** Mistral's errors are flat: `{"object": "error", "code"}`. */
function readFlatError(members: ResponseMembers): string | null {
  return members.get(9) === 'error' ? readErrorName(members.get(10)) : null;
}

/** MiniMax returns errors with status 200 and `base_resp: {status_code, status_msg}`; 0 is success. */
function readMinimaxError(value: unknown): string | null {
  const base = toFields(value);
  if (!base || !base['status_code']) return null;
  return readErrorName(base);
}
