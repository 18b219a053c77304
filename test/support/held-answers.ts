/** Answers of the fake provider that a test writes itself, piece by piece. */
import type { ServerResponse } from 'node:http';
import type { Answer, SeenRequest } from '../../src/demo/fake-provider.js';
import { eventually } from './wire-client.js';

export interface HeldAnswer {
  request: SeenRequest;
  response: ServerResponse;
  /** Whether the gateway has closed the connection before the answer was whole. */
  cancelled: boolean;
}

export class HeldAnswers {
  readonly #held: HeldAnswer[] = [];

  /** For `FakeProvider.on`. */
  readonly answer: Answer = (request, response) => {
    const held = { request, response, cancelled: false };
    response.once('close', () => (held.cancelled = !response.writableFinished));
    this.#held.push(held);
  };

  /** The next request that came in. */
  next(): Promise<HeldAnswer> {
    return eventually(() => this.#held.shift(), 'a request at the provider');
  }
}
