/** Guardrails of a call's response, applied on the way to the client. One instance per response. */
import type { GatewayError } from '../../platform/errors/gateway-error.js';
import type { GuardrailRun } from '../../policy/guardrails/guardrail-run.js';
import type { WebhookGuardrailStream } from '../../policy/guardrails/webhook/guarded-stream.js';
import type { StreamGuardrails } from '../../policy/guardrails/streams/guardrails.js';
import type { ToolCallStream } from '../../policy/guardrails/tool-calls/streams.js';
import type { Dialect } from '../../providers/dialects/base/dialect.js';
import type { LlmCall } from '../call/llm-call.js';
import { findHeader } from '../headers/forwarded.js';

type Chunk = Uint8Array | string;

export class ResponseGuardrails {
  private constructor(
    private readonly run: GuardrailRun,
    private readonly dialect: Dialect,
    readonly isWhole: boolean,
    /** Checks the tool calls of a stream; null if no rules apply to them. */
    private readonly toolCalls: ToolCallStream | null,
    /** Checks the texts of a stream; null if no rules apply to them. */
    private readonly stream: StreamGuardrails | null,
    /** Asks a webhook about what the rules still show of the stream; null if there is none. */
    private readonly webhook: WebhookGuardrailStream | null,
  ) {}

  /**
   * Returns the guardrails of the response with this head, as the client would receive it; null if none apply. Throws
   * `guardrail_blocked` for a response that cannot be checked.
   */
  static create(
    { guardrails, dialect, info }: LlmCall,
    status: number,
    headers: readonly string[],
  ): ResponseGuardrails | null {
    if (!guardrails?.hasResponseChecks || status >= 300) return null;
    const head = {
      contentType: (findHeader(headers, 'content-type') ?? '').toLowerCase(),
      contentEncoding: findHeader(headers, 'content-encoding'),
      isStreamed: info.streaming,
      isArrayStream: dialect.hasArrayStreams === true && info.streaming,
      isLineStream: dialect.streamForms?.includes('lines') ?? false,
    };
    const stream = guardrails.createStreamGuardrails(head, dialect);
    if (stream === 'whole') return new ResponseGuardrails(guardrails, dialect, true, null, null, null);
    const calls = guardrails.createToolCallStream(head, dialect.toolCalls);
    if (!stream && !calls) return null;
    return new ResponseGuardrails(
      guardrails,
      dialect,
      false,
      calls,
      stream,
      stream && guardrails.createWebhookStream(head, dialect),
    );
  }

  /**
   * Returns a whole response as it may be shown: synchronously unless a webhook is asked. Throws or rejects with
   * `guardrail_blocked`.
   */
  checkWhole(body: Buffer): Buffer | Promise<Buffer> {
    if (!this.isWhole) return body;
    const { toolCalls } = this.run;
    return this.run.checkResponse(toolCalls ? toolCalls.checkResponse(body, this.dialect.toolCalls) : body);
  }

  /**
   * Returns what may be shown of a stream after this piece; after the last piece this includes everything held back.
   * Returns a promise while a webhook is asked: the next piece must wait for it.
   */
  push(piece: Chunk, isLast: boolean): Chunk | Promise<Chunk> {
    const checkedCalls = this.toolCalls ? this.toolCalls.push(piece, isLast) : piece;
    if (!this.stream) return checkedCalls;
    const isOver = isLast || (this.toolCalls?.refusal ?? null) !== null;
    const checked = this.#applyRules(this.stream, checkedCalls, isOver);
    return this.webhook ? this.webhook.push(checked, isOver || this.stream.blocked !== null) : checked;
  }

  #applyRules(stream: StreamGuardrails, piece: Chunk, isLast: boolean): Chunk {
    const output = stream.push(piece);
    if (!isLast || stream.blocked) return output;
    const rest = stream.end();
    if (typeof output === 'string' && typeof rest === 'string') return output + rest;
    return Buffer.concat([Buffer.from(output), Buffer.from(rest)]);
  }

  /** Reason to break the stream off after what was shown; null if it may continue. */
  get refusal(): GatewayError | null {
    const textRefusal = this.webhook?.refusal ?? (this.stream && this.run.findStreamRefusal(this.stream));
    return textRefusal ?? this.toolCalls?.refusal ?? null;
  }
}
