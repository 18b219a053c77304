/** A call to a provider, and what it tells its owner. */
import type { Readable } from 'node:stream';
import type { GatewayError } from '../platform/errors/gateway-error.js';
import type { Exchange } from './exchange.js';

/** What the call tells its owner. */
export interface UpstreamListener {
  /**
   * The provider's status with its head, or that none came. True: the call goes on elsewhere, and this answer is of no interest any more.
   */
  triesElsewhere(exchange: Exchange, failure: number | GatewayError, rawHeaders?: readonly Buffer[]): boolean;
  /** Headers of ours for the head of the answer, flat; asked for once, just before the head goes out. */
  headersOfOurs(exchange: Exchange): string[];
  /** The whole answer was seen; usage may be read from the exchange's meter now. Before a collected head goes out. */
  metered(exchange: Exchange): void;
  /** Nothing was sent yet: word the error, and end the call. */
  failed(exchange: Exchange, error: GatewayError): void;
  /** The call is over, however it ended. Once. `send` sends the last of its answer, at once or when its record is safe. */
  ended(exchange: Exchange, send?: () => void): void;
}

export interface UpstreamCall {
  origin: string;
  path: string;
  method: string;
  headers: string[];
  body: Buffer | Readable | null;
}
