/**
 * Passes a response to the client through the guardrails, if there are any. What they allow is sent; nothing follows
 * while a webhook is being asked.
 */
import type { GatewayError } from '../../platform/errors/gateway-error.js';
import type { AnswerScreen } from './guardrails.js';
import type { ClientWriter } from '../client/writer.js';

type Piece = Uint8Array | string;

/** Sender of the response. */
export interface PiecesSource {
  /** Whether nothing more of the response may be shown. */
  readonly isOver: boolean;
  /** Lets the provider send more. */
  goOn(): void;
  /** Called when guardrails end the response after what was shown. */
  refused(error: GatewayError): void;
  /** Called when the webhook refused the response or could not be asked. */
  failed(error: unknown): void;
}

export class AnswerPieces {
  /** Guardrails of the response; null if none apply. */
  screen: AnswerScreen | null = null;
  /** Whether a webhook is being asked; the provider must wait. */
  isAsking = false;

  constructor(
    private readonly client: ClientWriter,
    private readonly source: PiecesSource,
  ) {}

  /** Passes a piece of a stream on. Returns false if the provider must wait. */
  show(piece: Piece): boolean {
    const shown = this.screen?.piece(piece, false) ?? piece;
    if (!(shown instanceof Promise)) return this.#write(shown);
    this.#once(shown, (allowed) => this.#write(allowed) && this.source.goOn());
    return false;
  }

  /**
   * As `show`, for the last piece. `then` ends the response with the rest that may be shown; it is not called if
   * guardrails break the response off.
   */
  showLast(piece: Piece, then: (shown: Piece) => void): void {
    const shown = this.screen?.piece(piece, true) ?? piece;
    const end = (allowed: Piece): void => {
      if (this.screen?.refusal) this.#write(allowed);
      else then(allowed);
    };
    if (shown instanceof Promise) this.#once(shown, end);
    else end(shown);
  }

  /** Passes a whole response on. Throws `guardrail_blocked`. */
  showWhole(body: Buffer, then: (shown: Buffer) => void): void {
    const shown = this.screen?.whole(body) ?? body;
    if (shown instanceof Promise) this.#once(shown, then);
    else then(shown);
  }

  #write(shown: Piece): boolean {
    const goesOn = this.client.write(shown);
    const refusal = this.screen?.refusal;
    if (refusal) this.source.refused(refusal);
    return goesOn;
  }

  #once<T>(awaited: Promise<T>, then: (value: T) => void): void {
    this.isAsking = true;
    awaited
      .then((value) => {
        this.isAsking = false;
        if (!this.source.isOver) then(value);
      })
      .catch((error: unknown) => {
        if (!this.source.isOver) this.source.failed(error);
      });
  }
}
