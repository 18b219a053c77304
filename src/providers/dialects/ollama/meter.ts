import { LineReader } from '../../wire/json-lines.js';
import { MemberKeys } from '../../json/members.js';
import { decodeJson } from '../../wire/sse.js';
import { detectStreamForm } from '../../wire/stream-form.js';
import { WholeResponse } from '../../wire/whole-response.js';
import type { MeterReading, TokenUsage, UsageMeter } from '../base/dialect.js';
import { FinishReasons, readFinishReason } from '../base/finish-reasons.js';
import { findMemberValue, measureString, readStringMember } from '../base/stream-text.js';
import { toCount, readErrorName, type Fields, NOTHING_READ, toText } from '../base/token-counts.js';

/** Members of the last line and of an error. */
const REPORTED = ['eval_count"', 'done_reason"', 'error"'];

const RESPONSE = new MemberKeys('prompt_eval_count', 'eval_count', 'model', 'error', 'done_reason');

export const createOllamaMeter = (contentType: string): UsageMeter =>
  detectStreamForm(contentType) === 'lines' ? new OllamaStreamMeter() : new OllamaResponseMeter();

/** Meter of a whole response: the counts are members of the object. */
class OllamaResponseMeter implements UsageMeter {
  readonly #response = new WholeResponse();

  push(chunk: Uint8Array): void {
    this.#response.push(chunk);
  }

  read(): MeterReading {
    const members = this.#response.read(RESPONSE);
    if (!members) return NOTHING_READ;
    const error = members.get(3);
    return {
      usage: toUsage({ prompt_eval_count: members.get(0), eval_count: members.get(1) }),
      servedModel: toText(members.get(2)),
      responseId: null,
      finishReasons: readFinishReason(members.get(4)),
      errorInBody: error ? readErrorName(error) : null,
      outputChars: 0,
    };
  }
}

/** Meter of a stream of lines; the last one (`done`) holds the counts. */
class OllamaStreamMeter implements UsageMeter {
  readonly #lines = new LineReader((line) => this.#scanLine(line));
  readonly #reasons = new FinishReasons();
  #usage: TokenUsage | null = null;
  #servedModel: string | null = null;
  #errorInBody: string | null = null;
  #outputChars = 0;

  push(chunk: Uint8Array): void {
    this.#lines.push(chunk);
  }

  read(): MeterReading {
    const rest = this.#lines.getRest();
    if (rest !== null) this.#parse(rest);
    return {
      usage: this.#usage,
      servedModel: this.#servedModel,
      responseId: null,
      finishReasons: this.#reasons.all,
      errorInBody: this.#errorInBody,
      outputChars: this.#outputChars,
    };
  }

  #scanLine(line: string): void {
    this.#servedModel ??= readStringMember(line, 'model"');
    this.#outputChars +=
      measureString(line, 'content"') + measureString(line, 'response"') + measureString(line, 'thinking"');
    if (REPORTED.some((tail) => findMemberValue(line, tail) >= 0)) this.#parse(line);
  }

  #parse(line: string): void {
    const document = decodeJson(line);
    if (!document) return;
    this.#usage = toUsage(document) ?? this.#usage;
    this.#servedModel ??= toText(document['model']);
    this.#reasons.note(document['done_reason']);
    if (document['error']) this.#errorInBody ??= readErrorName(document['error']);
  }
}

/**
 * Converts Ollama's counts. `prompt_eval_count` is missing if the whole prompt was cached; embeddings have no
 * `eval_count`.
 */
function toUsage(figures: Fields): TokenUsage | null {
  const inputTokens = toCount(figures['prompt_eval_count']);
  const outputTokens = toCount(figures['eval_count']);
  if (inputTokens === undefined && outputTokens === undefined) return null;
  return {
    inputTokens: inputTokens ?? 0,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: outputTokens ?? 0,
    reasoningTokens: 0,
  };
}
