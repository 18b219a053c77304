import { MemberKeys } from '../../json/members.js';
import { decodeJson, SseReader } from '../../wire/sse.js';
import { WholeResponse } from '../../wire/whole-response.js';
import type { MeterReading, TokenUsage, UsageMeter } from '../base/dialect.js';
import { FinishReasons, readFinishReason } from '../base/finish-reasons.js';
import { hasObject, hasString, measureString } from '../base/stream-text.js';
import {
  toCount,
  readErrorName,
  type Fields,
  toFields,
  NO_TOKENS,
  NOTHING_READ,
  toText,
} from '../base/token-counts.js';

const RESPONSE = new MemberKeys('usage', 'model', 'error', 'id', 'stop_reason');
// Paths of Anthropic's own API, and of Vertex AI, where the verb follows the model.
const COUNT_TOKENS = /(?:^|\/)(?:messages\/count_tokens|models\/count-tokens:rawPredict)(?:\?|$)/;
const MESSAGES = /(?:^|\/)(?:(?:messages|complete)|models\/[^/:]+:(?:rawP|streamRawP)redict)(?:\?|$)/;

export function createAnthropicMeter(contentType: string, path: string): UsageMeter {
  if (contentType.startsWith('text/event-stream')) return new AnthropicStreamMeter();
  return new AnthropicResponseMeter(path);
}

class AnthropicResponseMeter implements UsageMeter {
  readonly #response = new WholeResponse();

  constructor(private readonly path: string) {}

  push(chunk: Uint8Array): void {
    this.#response.push(chunk);
  }

  read(): MeterReading {
    const members = this.#response.read(RESPONSE);
    if (!members) return NOTHING_READ;
    const error = members.get(2);
    return {
      usage: this.#readUsage(toFields(members.get(0))),
      servedModel: toText(members.get(1)),
      responseId: toText(members.get(3)),
      finishReasons: readFinishReason(members.get(4)),
      errorInBody: error ? readErrorName(error) : null,
      outputChars: 0,
    };
  }

  #readUsage(usage: Fields | undefined): TokenUsage | null {
    if (COUNT_TOKENS.test(this.path)) return NO_TOKENS;
    return usage && MESSAGES.test(this.path) ? readAnthropicUsage(usage) : null;
  }
}

/**
 * Meter of a stream. `message_start` states the input side; `message_delta` states cumulative figures, some of which
 * may be null.
 */
class AnthropicStreamMeter implements UsageMeter {
  readonly #events = new SseReader((data) => this.#scanEvent(data));
  #figures: Fields | null = null;
  readonly #reasons = new FinishReasons();
  #servedModel: string | null = null;
  #responseId: string | null = null;
  #errorInBody: string | null = null;
  #outputChars = 0;

  push(chunk: Uint8Array): void {
    this.#events.push(chunk);
  }

  read(): MeterReading {
    const rest = this.#events.getRest();
    if (rest !== null) this.#parse(rest);
    return {
      usage: this.#figures && readAnthropicUsage(this.#figures),
      servedModel: this.#servedModel,
      responseId: this.#responseId,
      finishReasons: this.#reasons.all,
      errorInBody: this.#errorInBody,
      outputChars: this.#outputChars,
    };
  }

  #scanEvent(data: string): void {
    const chars =
      measureString(data, 'text"') || measureString(data, 'partial_json"') || measureString(data, 'thinking"');
    this.#outputChars += chars;
    if (chars > 0) return;
    if (hasObject(data, 'usage"') || hasObject(data, 'rror"') || hasString(data, 'stop_reason"')) this.#parse(data);
  }

  #parse(data: string): void {
    const event = decodeJson(data);
    if (!event) return;
    if (event['type'] === 'message_start') {
      const message = toFields(event['message']);
      this.#servedModel = toText(message?.['model']);
      this.#responseId = toText(message?.['id']);
      this.#figures = { ...toFields(message?.['usage']) };
    } else if (event['type'] === 'message_delta') {
      this.#merge(toFields(event['usage']));
      this.#reasons.note(toFields(event['delta'])?.['stop_reason']);
    } else if (event['type'] === 'error') this.#errorInBody ??= readErrorName(event['error']);
  }

  #merge(usage: Fields | undefined): void {
    if (!usage) return;
    this.#figures ??= {};
    for (const [name, value] of Object.entries(usage)) if (value !== null) this.#figures[name] = value;
  }
}

/**
 * Converts Anthropic's usage. Its `input_tokens` exclude tokens read from or written to the cache; the gateway's are
 * the whole input.
 */
export function readAnthropicUsage(usage: Fields): TokenUsage | null {
  const uncached = toCount(usage['input_tokens']);
  const output = toCount(usage['output_tokens']);
  if (uncached === undefined && output === undefined) return null;
  const read = toCount(usage['cache_read_input_tokens']) ?? 0;
  const written = toCount(usage['cache_creation_input_tokens']) ?? 0;
  const writtenForAnHour = toCount(toFields(usage['cache_creation'])?.['ephemeral_1h_input_tokens']);
  return {
    inputTokens: (uncached ?? 0) + read + written,
    cachedInputTokens: read,
    cacheWriteTokens: written,
    ...(writtenForAnHour ? { longCacheWriteTokens: Math.min(writtenForAnHour, written) } : {}),
    outputTokens: output ?? 0,
    reasoningTokens: toCount(toFields(usage['output_tokens_details'])?.['thinking_tokens']) ?? 0,
  };
}
