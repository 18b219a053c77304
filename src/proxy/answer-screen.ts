/** How the guardrails of a call look at its answer on the way to the client. One per answer. */
import type { GatewayError } from '../platform/errors/gateway-error.js';
import type { Screening } from '../policy/guardrails/screening.js';
import type { AskedStream } from '../policy/guardrails/streams/asked-stream.js';
import type { StreamScreen } from '../policy/guardrails/streams/stream-screen.js';
import type { Exchange } from './exchange.js';
import { headerIn } from './forwarded-headers.js';

type Shown = Uint8Array | string;

export class AnswerScreen {
  private constructor(
    private readonly screening: Screening,
    /** Null: the answer is looked at as a whole. */
    private readonly stream: StreamScreen | null,
    /** Who is asked about what the stream still shows; null: nobody. */
    private readonly asked: AskedStream | null,
  ) {}

  /**
   * For the answer with the head that the client is to see; null where nobody looks at it. Throws `guardrail_blocked` for one
   * that nobody can look into.
   */
  static of({ screening, dialect, facts }: Exchange, status: number, headers: readonly string[]): AnswerScreen | null {
    if (!screening?.looksAtAnswers || status >= 300) return null;
    const head = {
      contentType: (headerIn(headers, 'content-type') ?? '').toLowerCase(),
      contentEncoding: headerIn(headers, 'content-encoding'),
      isStreamed: facts.streaming,
      isArrayStream: dialect.id === 'gemini' && facts.streaming,
    };
    const screen = screening.answerScreen(head, dialect.id);
    if (screen === 'whole') return new AnswerScreen(screening, null, null);
    return screen && new AnswerScreen(screening, screen, screening.askedStream(head, dialect.id));
  }

  get isWhole(): boolean {
    return this.stream === null;
  }

  /** A whole answer as it may be shown; at once unless somebody is asked. Throws or rejects with `guardrail_blocked`. */
  whole(body: Buffer): Buffer | Promise<Buffer> {
    return this.isWhole ? this.screening.answer(body) : body;
  }

  /**
   * What may be shown of a stream after this piece; after the last one everything that was held back. Where it is a promise,
   * somebody is asked: the next piece is to wait for it.
   */
  piece(piece: Shown, isLast: boolean): Shown | Promise<Shown> {
    const shown = this.#byRules(piece, isLast);
    return this.asked ? this.asked.push(shown, isLast || this.stream!.blocked !== null) : shown;
  }

  #byRules(piece: Shown, isLast: boolean): Shown {
    const shown = this.stream!.push(piece);
    if (!isLast || this.stream!.blocked) return shown;
    const rest = this.stream!.end();
    if (typeof shown === 'string' && typeof rest === 'string') return shown + rest;
    return Buffer.concat([Buffer.from(shown), Buffer.from(rest)]);
  }

  /** Why the stream has to be broken off after what was shown; null: it has not. */
  get refusal(): GatewayError | null {
    return this.asked?.refusal ?? (this.stream && this.screening.streamBlocked(this.stream));
  }
}
