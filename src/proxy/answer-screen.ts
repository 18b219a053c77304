/** How the guardrails of a call look at its answer on the way to the client. One per answer. */
import type { GatewayError } from '../platform/errors/gateway-error.js';
import type { Screening } from '../policy/guardrails/screening.js';
import type { AskedStream } from '../policy/guardrails/streams/asked-stream.js';
import type { StreamScreen } from '../policy/guardrails/streams/stream-screen.js';
import type { CallScreenedStream } from '../policy/guardrails/tool-calls/call-streams.js';
import type { Dialect } from '../providers/dialects/dialect.js';
import type { Exchange } from './exchange.js';
import { headerIn } from './forwarded-headers.js';

type Shown = Uint8Array | string;

export class AnswerScreen {
  private constructor(
    private readonly screening: Screening,
    private readonly dialect: Dialect,
    readonly isWhole: boolean,
    /** Checks the tool calls of a stream; null: there are no rules for them. */
    private readonly calls: CallScreenedStream | null,
    /** Looks at the texts of a stream; null: nobody does. */
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
      isLineStream: dialect.streamForms?.includes('lines') ?? false,
    };
    const stream = screening.answerScreen(head, dialect.id);
    if (stream === 'whole') return new AnswerScreen(screening, dialect, true, null, null, null);
    const calls = screening.callStream(head, dialect.toolCalls);
    if (!stream && !calls) return null;
    return new AnswerScreen(
      screening,
      dialect,
      false,
      calls,
      stream,
      stream && screening.askedStream(head, dialect.id),
    );
  }

  /** A whole answer as it may be shown; at once unless somebody is asked. Throws or rejects with `guardrail_blocked`. */
  whole(body: Buffer): Buffer | Promise<Buffer> {
    if (!this.isWhole) return body;
    const { calls } = this.screening;
    return this.screening.answer(calls ? calls.answer(body, this.dialect.toolCalls) : body);
  }

  /**
   * What may be shown of a stream after this piece; after the last one everything that was held back. Where it is a promise,
   * somebody is asked: the next piece is to wait for it.
   */
  piece(piece: Shown, isLast: boolean): Shown | Promise<Shown> {
    const called = this.calls ? this.calls.push(piece, isLast) : piece;
    if (!this.stream) return called;
    const isOver = isLast || (this.calls?.refusal ?? null) !== null;
    const shown = this.#byRules(this.stream, called, isOver);
    return this.asked ? this.asked.push(shown, isOver || this.stream.blocked !== null) : shown;
  }

  #byRules(stream: StreamScreen, piece: Shown, isLast: boolean): Shown {
    const shown = stream.push(piece);
    if (!isLast || stream.blocked) return shown;
    const rest = stream.end();
    if (typeof shown === 'string' && typeof rest === 'string') return shown + rest;
    return Buffer.concat([Buffer.from(shown), Buffer.from(rest)]);
  }

  /** Why the stream has to be broken off after what was shown; null: it has not. */
  get refusal(): GatewayError | null {
    const ofText = this.asked?.refusal ?? (this.stream && this.screening.streamBlocked(this.stream));
    return ofText ?? this.calls?.refusal ?? null;
  }
}
