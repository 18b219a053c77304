import { type EventStreamFrame, EventStreamSplitter, peekFrame } from '../../wire/event-stream.js';
import { MemberKeys } from '../../json/members.js';
import { decodeJson } from '../../wire/sse.js';
import { WholeResponse } from '../../wire/whole-response.js';
import { parseBedrockPath } from './paths.js';
import {
  readConverseUsage,
  readHourlyCacheWrites,
  readInvocationMetrics,
  readInvokedUsage,
  readHeaderUsage,
} from './usage.js';
import type { MeterReading, TokenUsage, UsageMeter } from '../base/dialect.js';
import { FinishReasons } from '../base/finish-reasons.js';
import { hasObject, hasString, measureString } from '../base/stream-text.js';
import { readErrorName, type Fields, toFields, NO_TOKENS, toText } from '../base/token-counts.js';

/** Content type of AWS's streams. */
export const EVENT_STREAM = 'application/vnd.amazon.eventstream';

type Header = (name: string) => string | null;
const NO_HEAD: Header = () => null;

export function createBedrockMeter(contentType: string, path: string, header: Header = NO_HEAD): UsageMeter {
  if (contentType.startsWith(EVENT_STREAM)) return new BedrockStreamMeter(header);
  return new BedrockResponseMeter(parseBedrockPath(path)?.verb ?? '', header);
}

const RESPONSE = new MemberKeys(
  'usage',
  'inputTextTokenCount',
  'results',
  'prompt_token_count',
  'generation_token_count',
  'id',
  'stopReason',
  'stop_reason',
  'choices',
  'outputs',
);

/** Header with the id of AWS's request: Converse has no response id of its own. */
const REQUEST_ID = 'x-amzn-requestid';

class BedrockResponseMeter implements UsageMeter {
  readonly #response = new WholeResponse();

  constructor(
    private readonly verb: string,
    private readonly header: Header,
  ) {}

  push(chunk: Uint8Array): void {
    this.#response.push(chunk);
  }

  read(): MeterReading {
    const errorType = this.header('x-amzn-errortype');
    const members = this.#readMembers();
    return {
      usage: errorType === null ? this.#readUsage(members) : null,
      servedModel: null,
      responseId: toText(members['id']) ?? this.header(REQUEST_ID),
      finishReasons: readReasons(members),
      errorInBody: errorType === null ? null : readErrorName(errorType.split(':', 1)[0]),
      outputChars: 0,
    };
  }

  #readMembers(): Fields {
    const members = this.#response.read(RESPONSE);
    return Object.fromEntries(RESPONSE.names.map((name, i) => [name, members?.get(i)]));
  }

  #readUsage(members: Fields): TokenUsage | null {
    if (this.verb === 'count-tokens') return NO_TOKENS;
    if (this.verb === '') return null;
    if (this.verb === 'converse') return readConverseUsage(toFields(members['usage']));
    return readInvokedUsage(members) ?? readHeaderUsage(this.header);
  }
}

function readReasons(members: Fields): readonly string[] {
  const reasons = new FinishReasons();
  noteReasons(reasons, members);
  return reasons.all;
}

/**
 * Notes the reasons in a whole response or an event of a stream, in the format of the model's vendor: Converse and
 * Nova, Anthropic and Meta, OpenAI, Mistral, Titan.
 */
function noteReasons(reasons: FinishReasons, fields: Fields): void {
  reasons.note(fields['stopReason']);
  reasons.note(fields['stop_reason']);
  reasons.note(fields['completionReason']);
  reasons.noteChoices(fields['choices'], 'finish_reason');
  reasons.noteChoices(fields['outputs'], 'stop_reason');
  reasons.noteChoices(fields['results'], 'completionReason');
}

/** Meter of a stream. Converse states its usage in the `metadata` event, an invoked model in its last chunk. */
class BedrockStreamMeter implements UsageMeter {
  readonly #frames = new EventStreamSplitter((frame) => this.#readFrame(peekFrame(frame)));
  #usage: TokenUsage | null = null;
  /**
   * Tokens of cache entries kept for an hour, from Claude's own `message_start`: AWS's figures at the end lack them.
   */
  #writtenForAnHour = 0;
  readonly #reasons = new FinishReasons();
  #responseId: string | null = null;
  #errorInBody: string | null = null;
  #outputChars = 0;
  #isReadable = true;

  constructor(private readonly header: Header) {}

  push(chunk: Uint8Array): void {
    if (!this.#isReadable) return;
    try {
      this.#frames.push(chunk);
    } catch {
      this.#isReadable = false; // not an event stream despite its head: it cannot be read
    }
  }

  read(): MeterReading {
    return {
      usage: this.#usage,
      servedModel: null,
      responseId: this.#responseId ?? this.header(REQUEST_ID),
      finishReasons: this.#reasons.all,
      errorInBody: this.#errorInBody,
      outputChars: this.#outputChars,
    };
  }

  #readFrame(frame: EventStreamFrame | null): void {
    if (!frame) return;
    if (frame.kind !== 'event') this.#errorInBody ??= readErrorName(frame.name);
    else if (frame.name === 'contentBlockDelta') this.#countText(frame.payload.toString('latin1'));
    else if (frame.name === 'messageStop')
      noteReasons(this.#reasons, decodeJson(frame.payload.toString('latin1')) ?? {});
    else if (frame.name === 'metadata')
      this.#usage = readConverseUsage(toFields(decodeJson(frame.payload.toString('latin1'))?.['usage'])) ?? this.#usage;
    else if (frame.name === 'chunk') this.#readChunk(decodeJson(frame.payload.toString('latin1'))?.['bytes']);
  }

  /** Reads the event of the model's vendor that a chunk holds as base64. */
  #readChunk(bytes: unknown): void {
    if (typeof bytes !== 'string') return;
    const data = Buffer.from(bytes, 'base64').toString('latin1');
    this.#countText(data);
    if (REASON_NAMES.some((name) => hasString(data, name))) this.#noteEnd(decodeJson(data));
    if (this.#responseId === null && hasObject(data, 'message"'))
      this.#responseId = toText(toFields(decodeJson(data)?.['message'])?.['id']);
    if (hasObject(data, 'cache_creation"')) this.#writtenForAnHour = readHourlyCacheWrites(decodeJson(data));
    if (hasObject(data, 'amazon-bedrock-invocationMetrics"')) {
      const metrics = toFields(decodeJson(data)?.['amazon-bedrock-invocationMetrics']);
      this.#usage = readInvocationMetrics(metrics, this.#writtenForAnHour) ?? this.#usage;
    }
  }

  /** Notes the reason, which Anthropic states in a `delta`, Nova in `messageStop`. */
  #noteEnd(event: Fields | null): void {
    for (const fields of [event, toFields(event?.['delta']), toFields(event?.['messageStop'])])
      if (fields) noteReasons(this.#reasons, fields);
  }

  #countText(data: string): void {
    this.#outputChars += TEXTS.reduce((chars, name) => chars || measureString(data, name), 0);
  }
}

const REASON_NAMES = ['stop_reason"', 'stopReason"', 'finish_reason"', 'completionReason"'];

/** Members that hold generated text: Converse's, Anthropic's and Nova's, then Titan's, Meta's and OpenAI's. */
const TEXTS = ['text"', 'input"', 'partial_json"', 'thinking"', 'outputText"', 'generation"', 'content"'];
