/** The guardrails of one call: what they have looked at, and what they decided. One per call, where the proxy has any. */
import { isUtf8 } from 'node:buffer';
import type { LlmProxyPolicy } from '../../orgs/llm-proxy-policy.js';
import type { GatewayError } from '../../platform/errors/gateway-error.js';
import type { DialectId } from '../../providers/dialects/dialect.js';
import { answerKind, type AnswerHead } from './answer-kind.js';
import { answerBlocked, Decisions, notScreenable, requestBlocked } from './decisions.js';
import { screenDocument } from './document-screen.js';
import { guardrailsOf, type GuardrailSet } from './guardrail-set.js';
import { askedEvents, askedFrames, type AskedStream, type Judge } from './streams/asked-stream.js';
import { FrameScreen } from './streams/frame-screen.js';
import { SseScreen } from './streams/sse-screen.js';
import type { StreamListener } from './streams/event-queue.js';
import type { StreamScreen } from './streams/stream-screen.js';
import { WebhookScreening, type Asking } from './webhook/webhook-screening.js';
import { withoutLogprobs } from './without-logprobs.js';

export class Screening {
  readonly #decisions = new Decisions();

  readonly #webhook: WebhookScreening | null;

  private constructor(
    private readonly set: GuardrailSet,
    asking: (() => Asking) | null,
  ) {
    this.#webhook = set.webhook && asking && new WebhookScreening(set.webhook, asking(), this.#decisions);
  }

  /** Null where there is no guardrail. `asking`: for a webhook, if the policy has one. */
  static of(policy: LlmProxyPolicy, asking: (() => Asking) | null = null): Screening | null {
    const set = guardrailsOf(policy);
    return set && new Screening(set, asking);
  }

  get decisions(): Decisions['kept'] {
    return this.#decisions.kept;
  }

  /** Names of the rules that flagged or redacted so far. */
  get names(): ReadonlySet<string> {
    return this.#decisions.names;
  }

  get looksAtAnswers(): boolean {
    return this.set.answer.length > 0 || this.#asksAbout('answer');
  }

  /** The request as it may go on; at once unless somebody is asked. Throws or rejects with `guardrail_blocked`. */
  request(body: Buffer): Buffer | Promise<Buffer> {
    if (body.length === 0) return body;
    const screened = this.#requestByRules(body);
    return this.#asksAbout('request') ? this.#webhook!.document('request', screened) : screened;
  }

  #requestByRules(body: Buffer): Buffer {
    if (this.set.request.length === 0) return body;
    return screenDocument(body, this.set.request, (match, pointer) => {
      this.#decisions.note('request', pointer, match);
      if (match.rule.action === 'block') throw requestBlocked(match, pointer);
    });
  }

  /** A whole answer as it may go on; at once unless somebody is asked. Throws or rejects with `guardrail_blocked`. */
  answer(body: Buffer): Buffer | Promise<Buffer> {
    const screened = this.#answerByRules(body);
    return this.#asksAbout('answer') ? this.#webhook!.document('answer', screened) : screened;
  }

  #answerByRules(body: Buffer): Buffer {
    const screened = screenDocument(body, this.set.answer, (match, pointer) => {
      this.#decisions.note('answer', pointer, match);
      if (match.rule.action === 'block') throw answerBlocked(match);
    });
    return screened === body || !isUtf8(screened) ? screened : Buffer.from(withoutLogprobs(screened.toString()));
  }

  /**
   * How an answer is looked at: as a whole (`answer`), piece by piece, or (null) not at all, as it holds no text. Throws
   * `guardrail_blocked` for one that nobody can look into.
   */
  answerScreen(head: AnswerHead, dialect: DialectId): 'whole' | StreamScreen | null {
    const onMatch: StreamListener = (match, pointer, offset) => this.#decisions.note('answer', pointer, match, offset);
    switch (answerKind(head)) {
      case 'document':
        return 'whole';
      case 'events':
        return new SseScreen(dialect, this.set.answer, onMatch);
      case 'frames':
        return new FrameScreen(this.set.answer, onMatch);
      case 'closed':
        throw notScreenable();
      case 'other':
        return null;
    }
  }

  /** For a stream, after it was looked at here: somebody is asked about what is left of it; null: nobody is. */
  askedStream(head: AnswerHead, dialect: DialectId): AskedStream | null {
    if (!this.#asksAbout('answer')) return null;
    const judge: Judge = (texts) => this.#webhook!.judge('answer', texts);
    return answerKind(head) === 'frames' ? askedFrames(judge) : askedEvents(dialect, judge);
  }

  #asksAbout(on: 'request' | 'answer'): boolean {
    return this.#webhook?.looksAt(on) ?? false;
  }

  /** For a stream that a match ends. */
  streamBlocked({ blocked }: StreamScreen): GatewayError | null {
    return blocked && answerBlocked(blocked);
  }
}
