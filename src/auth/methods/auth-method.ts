/**
 * Registry of authentication methods. Each method is a passport strategy in the module that owns its evidence. It
 * registers itself when Nest constructs it. The guard knows only this registry.
 */
import { Injectable } from '@nestjs/common';
import passport from 'passport';
import type { FastifyRequest } from 'fastify';
import type { ProxyId } from '../../platform/ids.js';
import type { Caller, Surface } from '../callers/caller.js';
import type { PresentedCredential } from '../credentials/presented-credential.js';

/** The route that a credential was presented on. `provider` is null on the Model Router and the admin API. */
export interface AuthRoute {
  readonly surface: Surface;
  readonly provider: string | null;
  /** The LLM proxy named in the path, not yet known to exist. */
  readonly proxyId: ProxyId | null;
}

/**
 * An authentication method, as the guard sees it. The passport strategy of the same name identifies the caller: its
 * `validate()` returns the Caller or throws GatewayError, a refusal by its code and an outage as
 * `temporarily_unavailable`.
 */
export interface AuthMethod {
  /** The name of the passport strategy, by which records refer to the method. */
  readonly name: string;
  /**
   * Methods are tried in ascending order. The first that owns a credential accepts or refuses it; the decision is
   * final.
   */
  readonly order: number;
  /** Surfaces that accept the method. On all others its credentials are refused with `method_not_accepted`. */
  readonly surfaces: readonly Surface[];
  /** Whether this method decides on the credential. Pure: looks only at its shape. */
  owns(presented: PresentedCredential): boolean;
  /**
   * Returns the name of the method that owns the credential on this route instead, where the shape alone is ambiguous
   * and the LLM proxy decides. Absent or null: this method owns it.
   */
  findOtherOwner?(presented: PresentedCredential, route: AuthRoute): Promise<string | null> | null;
  /**
   * Returns the inputs besides the credential that the result depends on (`''`: none). Callers are cached per
   * credential and scope.
   */
  getCacheScope(presented: PresentedCredential, route: AuthRoute): string;
}

/** The data that the guard attaches to the request for the strategy to read. */
export interface Admission {
  presented: PresentedCredential;
  route: AuthRoute;
  /** Name of the method that owns the credential. */
  method: string;
}

declare module 'fastify' {
  interface FastifyRequest {
    admission?: Admission;
    caller?: Caller;
    /** Duration of the guard in milliseconds. */
    authMs?: number;
  }
}

type Verify = (
  presented: PresentedCredential,
  route: AuthRoute,
  done: (error: unknown, caller?: Caller) => void,
) => void;

/** Passport's side of a method: passes the credential to `validate()` and reports the result. */
export class CredentialStrategy extends passport.Strategy {
  constructor(private readonly verify: Verify) {
    super();
  }

  override authenticate(request: unknown): void {
    const { presented, route } = (request as FastifyRequest).admission!;
    this.verify(presented, route, (error, caller) => {
      if (error) this.error(error);
      else if (caller) this.success(caller);
      else this.fail(401);
    });
  }
}

@Injectable()
export class AuthMethods {
  #methods: readonly AuthMethod[] = [];

  register(method: AuthMethod): void {
    this.#methods = [...this.#methods, method].sort((a, b) => a.order - b.order);
  }

  get all(): readonly AuthMethod[] {
    return this.#methods;
  }

  get(name: string): AuthMethod | undefined {
    return this.#methods.find((method) => method.name === name);
  }

  findOwner(presented: PresentedCredential): AuthMethod | undefined {
    for (const method of this.#methods) if (method.owns(presented)) return method;
    return undefined;
  }
}
