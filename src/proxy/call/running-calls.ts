/** Registry of running calls. Those of a revoked caller are cut immediately, and a shutdown waits for the rest. */
import { Injectable } from '@nestjs/common';
import type { Caller } from '../../auth/callers/caller.js';
import { addChallenge } from '../../auth/guard/challenge.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { AuthEvents } from '../../platform/events/auth-events.js';

/** Call or response that can be ended from outside. */
export interface Abortable {
  abort(error: GatewayError): void;
}

@Injectable()
export class RunningCalls {
  /** Keyed by caller object: the principal cache returns the same object for all calls of a credential. */
  readonly #byCaller = new Map<Caller, Set<Abortable>>();

  constructor(
    events: AuthEvents,
    private readonly config: AppConfig,
  ) {
    events.subscribe((event) => {
      if (event.effect === 'revoked') this.#abortTagged(event.tag);
    });
  }

  get count(): number {
    let sum = 0;
    for (const open of this.#byCaller.values()) sum += open.size;
    return sum;
  }

  add(caller: Caller, call: Abortable): void {
    const open = this.#byCaller.get(caller);
    if (open) open.add(call);
    else this.#byCaller.set(caller, new Set([call]));
  }

  remove(caller: Caller, call: Abortable): void {
    const open = this.#byCaller.get(caller);
    if (open?.delete(call) && open.size === 0) this.#byCaller.delete(caller);
  }

  /** Ends all calls that still run, when the grace period of a shutdown is over. */
  abortAll(): void {
    for (const open of this.#byCaller.values()) for (const call of [...open]) call.abort(createShuttingDownError());
  }

  #abortTagged(tag: string): void {
    for (const [caller, open] of this.#byCaller) {
      if (caller.tags.includes(tag))
        for (const call of [...open]) call.abort(addChallenge(createRevokedError(), this.config.http.publicUrl, '/v1'));
    }
  }
}

const createRevokedError = (): GatewayError =>
  new GatewayError('credential_invalid', 'The credential was revoked while this response was being streamed.', {
    reason: 'revoked_in_flight',
  });

const createShuttingDownError = (): GatewayError =>
  new GatewayError('shutting_down', 'This process is shutting down. Send the request again.', { reason: 'drain_over' });
