import passport from 'passport';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import type { Admission, AuthMethod } from './auth-method.js';
import type { Caller } from '../callers/caller.js';

/** A caller and the tags of the events that end it. */
export interface Authenticated {
  readonly value: Caller;
  readonly tags: readonly string[];
}

/** Runs the passport strategy of `method`, which reads the admission off the request. */
export function authenticate(
  method: AuthMethod,
  request: { admission?: Admission },
  reply: unknown,
): Promise<Authenticated> {
  return new Promise((resolve, reject) => {
    const settle = (error: unknown, caller: Caller | false | undefined, info?: unknown): void => {
      if (error) reject(error instanceof Error ? error : new Error('a strategy failed', { cause: error }));
      // Strategies of libraries report their refusals here.
      else if (!caller && info instanceof Error) reject(info);
      else if (!caller) reject(new GatewayError('credential_invalid', 'The credential is not valid.'));
      else resolve({ value: Object.freeze(caller), tags: caller.tags });
    };
    const run = passport.authenticate(method.name, { session: false }, settle) as (
      request: unknown,
      reply: unknown,
      next: (error?: unknown) => void,
    ) => void;
    run(request, reply, (error) => settle(error ?? new Error('passport returned no decision'), undefined));
  });
}
