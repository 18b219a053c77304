import { LineReader } from '../../wire/json-lines.js';
import { MemberKeys } from '../../json/members.js';
import { decodeJson } from '../../wire/sse.js';
import { streamFormOf } from '../../wire/stream-form.js';
import { WholeAnswer } from '../../wire/whole-response.js';
import type { MeterReading, TokenUsage, UsageMeter } from '../base/dialect.js';
import { FinishReasons, finishReasonOf } from '../base/finish-reasons.js';
import { memberValueAt, stringLength, stringMember } from '../base/stream-text.js';
import { count, errorName, type Fields, NOTHING_READ, text } from '../base/token-counts.js';

/** Members of the last line and of an error. */
const TOLD = ['eval_count"', 'done_reason"', 'error"'];

const ANSWER = new MemberKeys('prompt_eval_count', 'eval_count', 'model', 'error', 'done_reason');

export const ollamaMeter = (contentType: string): UsageMeter =>
  streamFormOf(contentType) === 'lines' ? new OllamaStreamMeter() : new OllamaAnswerMeter();

/** Meter of a whole response: the counts are members of the object. */
class OllamaAnswerMeter implements UsageMeter {
  private readonly answer = new WholeAnswer();

  push(chunk: Uint8Array): void {
    this.answer.push(chunk);
  }

  read(): MeterReading {
    const members = this.answer.read(ANSWER);
    if (!members) return NOTHING_READ;
    const error = members.value(3);
    return {
      usage: ollamaUsage({ prompt_eval_count: members.value(0), eval_count: members.value(1) }),
      servedModel: text(members.value(2)),
      responseId: null,
      finishReasons: finishReasonOf(members.value(4)),
      errorInBody: error ? errorName(error) : null,
      outputChars: 0,
    };
  }
}

/** Meter of a stream of lines; the last one (`done`) holds the counts. */
class OllamaStreamMeter implements UsageMeter {
  private readonly lines = new LineReader((line) => this.look(line));
  private readonly reasons = new FinishReasons();
  private usage: TokenUsage | null = null;
  private servedModel: string | null = null;
  private errorInBody: string | null = null;
  private outputChars = 0;

  push(chunk: Uint8Array): void {
    this.lines.push(chunk);
  }

  read(): MeterReading {
    const rest = this.lines.rest();
    if (rest !== null) this.parse(rest);
    const { usage, servedModel, errorInBody, outputChars } = this;
    return { usage, servedModel, responseId: null, finishReasons: this.reasons.all, errorInBody, outputChars };
  }

  private look(line: string): void {
    this.servedModel ??= stringMember(line, 'model"');
    this.outputChars +=
      stringLength(line, 'content"') + stringLength(line, 'response"') + stringLength(line, 'thinking"');
    if (TOLD.some((tail) => memberValueAt(line, tail) >= 0)) this.parse(line);
  }

  private parse(line: string): void {
    const document = decodeJson(line);
    if (!document) return;
    this.usage = ollamaUsage(document) ?? this.usage;
    this.servedModel ??= text(document['model']);
    this.reasons.note(document['done_reason']);
    if (document['error']) this.errorInBody ??= errorName(document['error']);
  }
}

/**
 * Converts Ollama's counts. `prompt_eval_count` is missing if the whole prompt was cached; embeddings have no
 * `eval_count`.
 */
function ollamaUsage(figures: Fields): TokenUsage | null {
  const inputTokens = count(figures['prompt_eval_count']);
  const outputTokens = count(figures['eval_count']);
  if (inputTokens === undefined && outputTokens === undefined) return null;
  return {
    inputTokens: inputTokens ?? 0,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: outputTokens ?? 0,
    reasoningTokens: 0,
  };
}
