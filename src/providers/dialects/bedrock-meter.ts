import { type EventStreamFrame, EventStreamSplitter, peekFrame } from '../event-stream.js';
import { MemberKeys } from '../json-members.js';
import { decodeJson } from '../sse.js';
import { WholeAnswer } from '../whole-answer.js';
import { bedrockCall } from './bedrock-paths.js';
import { converseUsage, hourlyAtStart, invocationMetrics, invokedUsage, usageInHead } from './bedrock-usage.js';
import type { MeterReading, TokenUsage, UsageMeter } from './dialect.js';
import { hasObject, stringLength } from './stream-text.js';
import { errorName, fields, NO_TOKENS } from './token-counts.js';

/** How AWS's streams are named in `content-type`. */
export const EVENT_STREAM = 'application/vnd.amazon.eventstream';

type Header = (name: string) => string | null;
const NO_HEAD: Header = () => null;

export function bedrockMeter(contentType: string, path: string, header: Header = NO_HEAD): UsageMeter {
  if (contentType.startsWith(EVENT_STREAM)) return new BedrockStreamMeter();
  return new BedrockAnswerMeter(bedrockCall(path)?.verb ?? '', header);
}

const ANSWER = new MemberKeys(
  'usage',
  'inputTextTokenCount',
  'results',
  'prompt_token_count',
  'generation_token_count',
);

class BedrockAnswerMeter implements UsageMeter {
  private readonly answer = new WholeAnswer();

  constructor(
    private readonly verb: string,
    private readonly header: Header,
  ) {}

  push(chunk: Uint8Array): void {
    this.answer.push(chunk);
  }

  read(): MeterReading {
    const errorType = this.header('x-amzn-errortype');
    return {
      usage: errorType === null ? this.usage() : null,
      servedModel: null,
      errorInBody: errorType === null ? null : errorName(errorType.split(':', 1)[0]),
      outputChars: 0,
    };
  }

  private usage(): TokenUsage | null {
    if (this.verb === 'count-tokens') return NO_TOKENS;
    if (this.verb === '') return null;
    const members = this.answer.read(ANSWER);
    if (this.verb === 'converse') return converseUsage(fields(members?.value(0)));
    const told = Object.fromEntries(ANSWER.names.map((name, i) => [name, members?.value(i)]));
    return invokedUsage(told) ?? usageInHead(this.header);
  }
}

/** Converse tells its usage in the `metadata` event, an invoked model in its last chunk. */
class BedrockStreamMeter implements UsageMeter {
  private readonly frames = new EventStreamSplitter((frame) => this.look(peekFrame(frame)));
  private usage: TokenUsage | null = null;
  /** What Claude's own `message_start` tells of entries kept for an hour: AWS's figures at the end lack it. */
  private writtenForAnHour = 0;
  private errorInBody: string | null = null;
  private outputChars = 0;
  private isReadable = true;

  push(chunk: Uint8Array): void {
    if (!this.isReadable) return;
    try {
      this.frames.push(chunk);
    } catch {
      this.isReadable = false; // not what its head says: there is nothing to be read in it
    }
  }

  read(): MeterReading {
    return { usage: this.usage, servedModel: null, errorInBody: this.errorInBody, outputChars: this.outputChars };
  }

  private look(frame: EventStreamFrame | null): void {
    if (!frame) return;
    if (frame.kind !== 'event') this.errorInBody ??= errorName(frame.name);
    else if (frame.name === 'contentBlockDelta') this.countText(frame.payload.toString('latin1'));
    else if (frame.name === 'metadata')
      this.usage = converseUsage(fields(decodeJson(frame.payload.toString('latin1'))?.['usage'])) ?? this.usage;
    else if (frame.name === 'chunk') this.lookInside(decodeJson(frame.payload.toString('latin1'))?.['bytes']);
  }

  /** A chunk holds an event of the model's vendor, as base64. */
  private lookInside(bytes: unknown): void {
    if (typeof bytes !== 'string') return;
    const data = Buffer.from(bytes, 'base64').toString('latin1');
    this.countText(data);
    if (hasObject(data, 'cache_creation"')) this.writtenForAnHour = hourlyAtStart(decodeJson(data));
    if (hasObject(data, 'amazon-bedrock-invocationMetrics"')) {
      const metrics = fields(decodeJson(data)?.['amazon-bedrock-invocationMetrics']);
      this.usage = invocationMetrics(metrics, this.writtenForAnHour) ?? this.usage;
    }
  }

  private countText(data: string): void {
    this.outputChars += TEXTS.reduce((chars, name) => chars || stringLength(data, name), 0);
  }
}

/** Members that hold generated text: Converse's, Anthropic's and Nova's, then Titan's, Meta's and OpenAI's. */
const TEXTS = ['text"', 'input"', 'partial_json"', 'thinking"', 'outputText"', 'generation"', 'content"'];
