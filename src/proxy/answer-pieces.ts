/**
 * An answer on its way to the client, past the guardrails where there are any: what they let pass goes on, and nothing comes
 * after it while somebody is asked.
 */
import type { GatewayError } from '../platform/errors/gateway-error.js';
import type { AnswerScreen } from './answer-screen.js';
import type { ClientWriter } from './client-writer.js';

type Piece = Uint8Array | string;

/** Who sends the answer. */
export interface PiecesSource {
  /** Nothing of the answer is to be shown any more. */
  readonly isOver: boolean;
  /** More may come. */
  goOn(): void;
  /** The guardrails end the answer after what was shown. */
  refused(error: GatewayError): void;
  /** Whoever was asked refused, or could not be asked. */
  failed(error: unknown): void;
}

export class AnswerPieces {
  /** How guardrails look at the answer; null: they do not. */
  screen: AnswerScreen | null = null;
  /** Somebody is asked: the provider is to wait. */
  isAsking = false;

  constructor(
    private readonly client: ClientWriter,
    private readonly source: PiecesSource,
  ) {}

  /** Hands a piece of a stream on. False: the provider is to wait. */
  show(piece: Piece): boolean {
    const shown = this.screen?.piece(piece, false) ?? piece;
    if (!(shown instanceof Promise)) return this.#write(shown);
    this.#once(shown, (allowed) => this.#write(allowed) && this.source.goOn());
    return false;
  }

  /** As `show`, with the last piece. `then` ends the answer with what is shown of it, and is not called for one that is broken off. */
  showLast(piece: Piece, then: (shown: Piece) => void): void {
    const shown = this.screen?.piece(piece, true) ?? piece;
    const end = (allowed: Piece): void => {
      if (this.screen?.refusal) this.#write(allowed);
      else then(allowed);
    };
    if (shown instanceof Promise) this.#once(shown, end);
    else end(shown);
  }

  /** A whole answer. Throws `guardrail_blocked`. */
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
