/** Guardrails of a call's response, applied on the way to the client. One instance per response. */
import type { GatewayError } from '../../platform/errors/gateway-error.js';
import type { Screening } from '../../policy/guardrails/guardrail-run.js';
import type { AskedStream } from '../../policy/guardrails/webhook/guarded-stream.js';
import type { StreamScreen } from '../../policy/guardrails/streams/guardrails.js';
import type { CallScreenedStream } from '../../policy/guardrails/tool-calls/streams.js';
import type { Dialect } from '../../providers/dialects/base/dialect.js';
import type { Exchange } from '../call/llm-call.js';
import { headerIn } from '../headers/forwarded.js';

type Shown = Uint8Array | string;

export class AnswerScreen {
  private constructor(
    private readonly screening: Screening,
    private readonly dialect: Dialect,
    readonly isWhole: boolean,
    /** Checks the tool calls of a stream; null if no rules apply to them. */
    private readonly calls: CallScreenedStream | null,
    /** Checks the texts of a stream; null if no rules apply to them. */
    private readonly stream: StreamScreen | null,
    /** Asks a webhook about what the rules still show of the stream; null if there is none. */
    private readonly asked: AskedStream | null,
  ) {}

  /**
   * Returns the guardrails of the response with this head, as the client would receive it; null if none apply. Throws
   * `guardrail_blocked` for a response that cannot be checked.
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

  /**
   * Returns a whole response as it may be shown: synchronously unless a webhook is asked. Throws or rejects with
   * `guardrail_blocked`.
   */
  whole(body: Buffer): Buffer | Promise<Buffer> {
    if (!this.isWhole) return body;
    const { calls } = this.screening;
    return this.screening.answer(calls ? calls.answer(body, this.dialect.toolCalls) : body);
  }

  /**
   * Returns what may be shown of a stream after this piece; after the last piece this includes everything held back.
   * Returns a promise while a webhook is asked: the next piece must wait for it.
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

  /** Reason to break the stream off after what was shown; null if it may continue. */
  get refusal(): GatewayError | null {
    const ofText = this.asked?.refusal ?? (this.stream && this.screening.streamBlocked(this.stream));
    return ofText ?? this.calls?.refusal ?? null;
  }
}
