/** Responses of the fake provider that a test writes itself, chunk by chunk. */
import type { ServerResponse } from 'node:http';
import type { Responder, ReceivedRequest } from './fake-provider.js';
import { eventually } from '../http/wire-client.js';

export interface ControlledResponse {
  request: ReceivedRequest;
  response: ServerResponse;
  /** Whether the gateway closed the connection before the response was complete. */
  cancelled: boolean;
}

export class ControlledResponses {
  readonly #waiting: ControlledResponse[] = [];

  /** Pass this to `FakeProvider.on`. */
  readonly respond: Responder = (request, response) => {
    const held = { request, response, cancelled: false };
    response.once('close', () => (held.cancelled = !response.writableFinished));
    this.#waiting.push(held);
  };

  /** Resolves with the next request that arrives. */
  next(): Promise<ControlledResponse> {
    return eventually(() => this.#waiting.shift(), 'a request at the provider');
  }
}
