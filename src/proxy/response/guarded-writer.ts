/**
 * Passes a response to the client through the guardrails, if there are any. What they allow is sent; nothing follows
 * while a webhook is being asked.
 */
import type { GatewayError } from '../../platform/errors/gateway-error.js';
import type { ResponseGuardrails } from './guardrails.js';
import type { ClientWriter } from '../client/writer.js';

type Chunk = Uint8Array | string;

/** Sender of the response. */
export interface ResponseSource {
  /** Whether nothing more of the response may be shown. */
  readonly isOver: boolean;
  /** Lets the provider send more. */
  resume(): void;
  /** Called when guardrails end the response after what was shown. */
  refuse(error: GatewayError): void;
  /** Called when the webhook refused the response or could not be asked. */
  fail(error: unknown): void;
}

export class GuardedWriter {
  /** Guardrails of the response; null if none apply. */
  guardrails: ResponseGuardrails | null = null;
  /** Whether a webhook is being asked; the provider must wait. */
  isCheckPending = false;

  constructor(
    private readonly client: ClientWriter,
    private readonly source: ResponseSource,
  ) {}

  /** Passes a piece of a stream on. Returns false if the provider must wait. */
  checkAndWrite(piece: Chunk): boolean {
    const checked = this.guardrails?.push(piece, false) ?? piece;
    if (!(checked instanceof Promise)) return this.#write(checked);
    this.#awaitCheck(checked, (allowed) => this.#write(allowed) && this.source.resume());
    return false;
  }

  /**
   * As `show`, for the last piece. `then` ends the response with the rest that may be shown; it is not called if
   * guardrails break the response off.
   */
  checkLast(piece: Chunk, then: (checked: Chunk) => void): void {
    const checked = this.guardrails?.push(piece, true) ?? piece;
    const end = (allowed: Chunk): void => {
      if (this.guardrails?.refusal) this.#write(allowed);
      else then(allowed);
    };
    if (checked instanceof Promise) this.#awaitCheck(checked, end);
    else end(checked);
  }

  /** Passes a whole response on. Throws `guardrail_blocked`. */
  checkWhole(body: Buffer, then: (checked: Buffer) => void): void {
    const checked = this.guardrails?.checkWhole(body) ?? body;
    if (checked instanceof Promise) this.#awaitCheck(checked, then);
    else then(checked);
  }

  #write(piece: Chunk): boolean {
    const mayContinue = this.client.write(piece);
    const refusal = this.guardrails?.refusal;
    if (refusal) this.source.refuse(refusal);
    return mayContinue;
  }

  #awaitCheck<T>(awaited: Promise<T>, then: (value: T) => void): void {
    this.isCheckPending = true;
    awaited
      .then((value) => {
        this.isCheckPending = false;
        if (!this.source.isOver) then(value);
      })
      .catch((error: unknown) => {
        if (!this.source.isOver) this.source.fail(error);
      });
  }
}
