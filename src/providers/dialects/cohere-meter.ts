import { MemberKeys } from '../json-members.js';
import { decodeJson, SseReader } from '../sse.js';
import { WholeAnswer } from '../whole-answer.js';
import type { MeterReading, TokenUsage, UsageMeter } from './dialect.js';
import { FinishReasons, finishReasonOf } from './finish-reasons.js';
import { hasString, memberValueAt, stringLength } from './stream-text.js';
import { count, type Fields, fields, NOTHING_READ, text } from './token-counts.js';

const ANSWER = new MemberKeys('usage', 'meta', 'model', 'finish_reason', 'id');

export function cohereMeter(contentType: string): UsageMeter {
  return contentType.startsWith('text/event-stream') ? new CohereStreamMeter() : new CohereAnswerMeter();
}

/** Chat tells `usage`; embed and rerank tell `meta.billed_units`. */
class CohereAnswerMeter implements UsageMeter {
  private readonly answer = new WholeAnswer();

  push(chunk: Uint8Array): void {
    this.answer.push(chunk);
  }

  read(): MeterReading {
    const members = this.answer.read(ANSWER);
    if (!members) return NOTHING_READ;
    return {
      usage: cohereUsage(fields(members.value(0)) ?? fields(members.value(1))),
      servedModel: text(members.value(2)),
      responseId: text(members.value(4)),
      finishReasons: finishReasonOf(members.value(3)),
      errorInBody: members.value(3) === 'ERROR' ? 'finish_reason_error' : null,
      outputChars: 0,
    };
  }
}

class CohereStreamMeter implements UsageMeter {
  private readonly events = new SseReader((data) => this.look(data));
  private readonly reasons = new FinishReasons();
  private usage: TokenUsage | null = null;
  private responseId: string | null = null;
  private errorInBody: string | null = null;
  private outputChars = 0;

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
    // only `message-start` has an id, and only `message-end` a reason to end
    if (this.responseId === null && hasString(data, 'id"')) this.parse(data);
    else if (memberValueAt(data, 'finish_reason"') >= 0) this.parse(data);
  }

  private parse(data: string): void {
    const event = decodeJson(data);
    if (event?.['type'] === 'message-start') this.responseId ??= text(event['id']);
    if (event?.['type'] !== 'message-end') return;
    this.responseId ??= text(event['id']);
    const delta = fields(event['delta']);
    this.usage = cohereUsage(fields(delta?.['usage'])) ?? this.usage;
    const reason = delta?.['finish_reason'];
    this.reasons.note(reason);
    if (reason === 'ERROR' || reason === 'TIMEOUT') this.errorInBody = `finish_reason_${reason.toLowerCase()}`;
  }
}

/** What is billed comes first; `tokens` (which include the template's) only where nothing is. Rerank is billed by the search: no tokens. */
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
