/**
 * The register of ways in. Each method is a passport strategy that lives in the room owning its evidence and registers
 * itself when Nest constructs it; the guard knows only this register.
 */
import { Injectable } from '@nestjs/common';
import passport from 'passport';
import type { FastifyRequest } from 'fastify';
import type { ProxyId } from '../platform/ids.js';
import type { Caller, Surface } from './caller.js';
import type { PresentedCredential } from './presented-credential.js';

/** The route that a credential was presented on. `provider` is null on the Model Router and the admin API. */
export interface AuthRoute {
  readonly surface: Surface;
  readonly provider: string | null;
  /** The LLM proxy named in the path, not yet known to exist. */
  readonly proxyId: ProxyId | null;
}

/**
 * A way in, as the guard sees it. Who presents a credential is said by the passport strategy of the same name: its
 * `validate()` answers with the Caller, or throws GatewayError, a refusal by its code and an outage as
 * `temporarily_unavailable`.
 */
export interface AuthMethod {
  /** The passport strategy's name, and what records call the method. */
  readonly name: string;
  /** Methods are asked in ascending order; the first that owns a credential accepts or refuses it, finally. */
  readonly order: number;
  /** Where the method is accepted. Elsewhere its credentials are refused with `method_not_accepted`. */
  readonly surfaces: readonly Surface[];
  /** Pure, by shape only. True: mine to accept or refuse. */
  owns(presented: PresentedCredential): boolean;
  /**
   * The name of the method that owns the credential on this route instead, where its shape alone leaves a doubt that the LLM
   * proxy settles. Absent or null: this one.
   */
  ownerInstead?(presented: PresentedCredential, route: AuthRoute): Promise<string | null> | null;
  /**
   * What the answer depends on besides the credential (`''`: nothing). Callers are cached per credential and scope.
   */
  cacheScope(presented: PresentedCredential, route: AuthRoute): string;
}

/** What the guard leaves on the request for the strategy to read. */
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
    /** Milliseconds that the guard took. */
    authMs?: number;
  }
}

type Verify = (
  presented: PresentedCredential,
  route: AuthRoute,
  done: (error: unknown, caller?: Caller) => void,
) => void;

/** Passport's side of a method: hands the credential to `validate()` and reports what it said. */
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

  named(name: string): AuthMethod | undefined {
    return this.#methods.find((method) => method.name === name);
  }

  ownerOf(presented: PresentedCredential): AuthMethod | undefined {
    for (const method of this.#methods) if (method.owns(presented)) return method;
    return undefined;
  }
}
