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
  refused(error: GatewayError): void;
  /** Called when the webhook refused the response or could not be asked. */
  failed(error: unknown): void;
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
  show(piece: Chunk): boolean {
    const shown = this.guardrails?.push(piece, false) ?? piece;
    if (!(shown instanceof Promise)) return this.#write(shown);
    this.#once(shown, (allowed) => this.#write(allowed) && this.source.resume());
    return false;
  }

  /**
   * As `show`, for the last piece. `then` ends the response with the rest that may be shown; it is not called if
   * guardrails break the response off.
   */
  showLast(piece: Chunk, then: (shown: Chunk) => void): void {
    const shown = this.guardrails?.push(piece, true) ?? piece;
    const end = (allowed: Chunk): void => {
      if (this.guardrails?.refusal) this.#write(allowed);
      else then(allowed);
    };
    if (shown instanceof Promise) this.#once(shown, end);
    else end(shown);
  }

  /** Passes a whole response on. Throws `guardrail_blocked`. */
  showWhole(body: Buffer, then: (shown: Buffer) => void): void {
    const shown = this.guardrails?.checkWhole(body) ?? body;
    if (shown instanceof Promise) this.#once(shown, then);
    else then(shown);
  }

  #write(shown: Chunk): boolean {
    const goesOn = this.client.write(shown);
    const refusal = this.guardrails?.refusal;
    if (refusal) this.source.refused(refusal);
    return goesOn;
  }

  #once<T>(awaited: Promise<T>, then: (value: T) => void): void {
    this.isCheckPending = true;
    awaited
      .then((value) => {
        this.isCheckPending = false;
        if (!this.source.isOver) then(value);
      })
      .catch((error: unknown) => {
        if (!this.source.isOver) this.source.failed(error);
      });
  }
}
