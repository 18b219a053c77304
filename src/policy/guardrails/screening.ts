/** The guardrails of one call: what they have looked at, and what they decided. One per call, where the proxy has any. */
import { isUtf8 } from 'node:buffer';
import type { LlmProxyPolicy } from '../../orgs/llm-proxy-policy.js';
import type { GatewayError } from '../../platform/errors/gateway-error.js';
import type { DialectId } from '../../providers/dialects/dialect.js';
import { answerKind, type AnswerHead } from './answer-kind.js';
import { answerBlocked, Decisions, notScreenable, requestBlocked } from './decisions.js';
import { screenDocument } from './document-screen.js';
import { guardrailsOf, type GuardrailSet } from './guardrail-set.js';
import { FrameScreen } from './streams/frame-screen.js';
import { SseScreen } from './streams/sse-screen.js';
import type { StreamListener } from './streams/event-queue.js';
import type { StreamScreen } from './streams/stream-screen.js';
import { withoutLogprobs } from './without-logprobs.js';

export class Screening {
  readonly #decisions = new Decisions();

  private constructor(private readonly set: GuardrailSet) {}

  /** Null where there is no guardrail. */
  static of(policy: LlmProxyPolicy): Screening | null {
    const set = guardrailsOf(policy);
    return set && new Screening(set);
  }

  get decisions(): Decisions['kept'] {
    return this.#decisions.kept;
  }

  /** Names of the rules that flagged or redacted so far. */
  get names(): ReadonlySet<string> {
    return this.#decisions.names;
  }

  get looksAtAnswers(): boolean {
    return this.set.answer.length > 0;
  }

  /** The request as it may go on. Throws `guardrail_blocked`. */
  request(body: Buffer): Buffer {
    if (this.set.request.length === 0 || body.length === 0) return body;
    return screenDocument(body, this.set.request, (match, pointer) => {
      this.#decisions.note('request', pointer, match);
      if (match.rule.action === 'block') throw requestBlocked(match, pointer);
    });
  }

  /** A whole answer as it may go on. Throws `guardrail_blocked`. */
  answer(body: Buffer): Buffer {
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

  /** For a stream that a match ends. */
  streamBlocked({ blocked }: StreamScreen): GatewayError | null {
    return blocked && answerBlocked(blocked);
  }
}
