/** Responses of the fake provider that a test writes itself, chunk by chunk. */
import type { ServerResponse } from 'node:http';
import type { Answer, SeenRequest } from './fake-provider.js';
import { eventually } from '../http/wire-client.js';

export interface HeldAnswer {
  request: SeenRequest;
  response: ServerResponse;
  /** Whether the gateway closed the connection before the response was complete. */
  cancelled: boolean;
}

export class HeldAnswers {
  readonly #held: HeldAnswer[] = [];

  /** Pass this to `FakeProvider.on`. */
  readonly answer: Answer = (request, response) => {
    const held = { request, response, cancelled: false };
    response.once('close', () => (held.cancelled = !response.writableFinished));
    this.#held.push(held);
  };

  /** Resolves with the next request that arrives. */
  next(): Promise<HeldAnswer> {
    return eventually(() => this.#held.shift(), 'a request at the provider');
  }
}
