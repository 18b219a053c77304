/** Interface between a call to a provider and its owner. */
import type { Readable } from 'node:stream';
import type { GatewayError } from '../../platform/errors/gateway-error.js';
import type { LlmCall } from '../call/llm-call.js';

/** Events that a call reports to its owner. */
export interface UpstreamListener {
  /**
   * Reports the provider's status with its head, or the error if no response came. Returns true if the call continues
   * at another target: this response is then no longer needed.
   */
  failOver(call: LlmCall, failure: number | GatewayError, rawHeaders?: readonly Buffer[]): boolean;
  /** Returns the gateway's headers for the head of the response, flat; called once, just before the head is sent. */
  buildGatewayHeaders(call: LlmCall): string[];
  /**
   * Reports that the whole response was seen: its usage can be read from the call's meter. Called before the head of a
   * gathered response is sent.
   */
  priceUsage(call: LlmCall): void;
  /** Reports a failure before anything was sent: the owner writes the error and ends the call. */
  fail(call: LlmCall, error: GatewayError): void;
  /**
   * Reports the end of the call, whether it succeeded or failed. Called once. `send` sends the last of the response,
   * immediately or when the record is stored.
   */
  finish(call: LlmCall, send?: () => void): void;
}

export interface OutboundRequest {
  origin: string;
  path: string;
  method: string;
  headers: string[];
  body: Buffer | Readable | null;
}
