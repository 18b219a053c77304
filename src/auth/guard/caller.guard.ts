/**
 * The only guard. It reads the credential and finds the one method that owns its shape. Unless the caller is cached, it
 * asks that method's passport strategy. The body is still unread. It imports none of the methods.
 */
import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { HttpArgumentsHost } from '@nestjs/common/interfaces/index.js';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppConfig } from '../../platform/config/app-config.js';
import { Clock } from '../../platform/time/clock.js';
import { computeTokenDigestKey } from '../../platform/crypto/token-digest.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { AuthMethods, type AuthMethod, type AuthRoute } from '../methods/auth-method.js';
import { authenticate, type Authenticated } from '../methods/authenticate.js';
import { AuthTimings } from './auth-timings.js';
import type { Caller } from '../callers/caller.js';
import { addChallenge } from './challenge.js';
import { FailedCredentialLimiter } from './failed-credential-limiter.js';
import { checkPermission } from './permission.policy.js';
import { isRefusal, PrincipalCache } from './principal-cache.js';
import {
  readCredential,
  type CredentialSources,
  type PresentedCredential,
} from '../credentials/presented-credential.js';
import { ROUTE_ACCESS, type RouteAccess } from '../methods/route-access.js';
import { getSessionCookieName } from '../credentials/session-cookie.js';

const ADMIN_ROUTE: AuthRoute = { surface: 'admin-api', provider: null, proxyId: null };
const FAILED_CODES = new Set(['credential_invalid', 'credential_expired']);

@Injectable()
export class CallerGuard implements CanActivate {
  /** Metadata per handler. Without this cache, Reflector collects it again on every call. */
  readonly #access = new WeakMap<object, RouteAccess>();
  readonly #adminSources: CredentialSources;

  constructor(
    private readonly reflector: Reflector,
    private readonly methods: AuthMethods,
    private readonly principals: PrincipalCache,
    private readonly limiter: FailedCredentialLimiter,
    private readonly timings: AuthTimings,
    private readonly clock: Clock,
    private readonly config: AppConfig,
  ) {
    this.#adminSources = { apiKeyWins: false, queryKey: false, cookie: getSessionCookieName(config.http.publicUrl) };
  }

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const access = this.#readAccess(context);
    if (access.kind === 'public') return true;
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const startedAt = performance.now();
    try {
      const admitted = this.#admit(access, request, http.getResponse<FastifyReply>());
      if (admitted instanceof Promise) {
        return admitted.then(
          (caller) => this.#authorize(access, http, caller, startedAt, 'miss'),
          (error: unknown) => this.#refuse(access, error),
        );
      }
      return this.#authorize(access, http, admitted, startedAt, 'hit');
    } catch (error) {
      return this.#refuse(access, error);
    }
  }

  #readAccess(context: ExecutionContext): RouteAccess {
    const handler = context.getHandler();
    let access = this.#access.get(handler);
    if (!access) {
      access = this.reflector.getAllAndOverride<RouteAccess | undefined>(ROUTE_ACCESS, [handler, context.getClass()]);
      // A route without declared access refuses everyone.
      if (!access)
        throw new GatewayError('internal_error', 'Access to this route is not configured.', {
          internal: 'no route access declared',
        });
      this.#access.set(handler, access);
    }
    return access;
  }

  /** Returns the caller synchronously when it is cached, else a promise. */
  #admit(
    access: Exclude<RouteAccess, { kind: 'public' }>,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Caller | Promise<Caller> {
    const sources = access.kind === 'llm' ? access.readCredentialSources(request) : this.#adminSources;
    const presented = readCredential(request.raw.rawHeaders, request.raw.url!, sources);
    if (presented === null || presented.value === '') {
      throw new GatewayError('credential_missing', buildMissingAdvice(access));
    }
    if (presented.isCookie) checkOrigin(request, this.config.http.publicUrl);
    const route: AuthRoute =
      access.kind === 'llm' ? { surface: access.surface, ...access.readRoute(request) } : ADMIN_ROUTE;
    const method = this.#findOwner(presented);
    const otherOwner = method.findOtherOwner?.(presented, route) ?? null;
    return otherOwner === null
      ? this.#admitBy(method, presented, route, request, reply)
      : otherOwner.then((name) =>
          this.#admitBy((name !== null && this.methods.get(name)) || method, presented, route, request, reply),
        );
  }

  #admitBy(
    method: AuthMethod,
    presented: PresentedCredential,
    route: AuthRoute,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Caller | Promise<Caller> {
    request.admission = { presented, route, method: method.name };
    if (!method.surfaces.includes(route.surface)) throw notAccepted(method, route);
    const scope = method.getCacheScope(presented, route);
    const key = scope === '' ? presented.digest : `${presented.digest} ${method.name} ${scope}`;
    const load = (): Promise<Authenticated> => authenticate(method, request, reply);
    return this.principals.peek(key, load) ?? this.#identify(key, load, request, presented);
  }

  #findOwner(presented: PresentedCredential): AuthMethod {
    const method = this.methods.findOwner(presented);
    if (method) return method;
    throw new GatewayError(
      'credential_invalid',
      'This kind of credential is not accepted here. Check that the whole key was copied.',
    );
  }

  async #identify(
    key: string,
    load: () => Promise<Authenticated>,
    request: FastifyRequest,
    presented: PresentedCredential,
  ): Promise<Caller> {
    const limiterDigest = computeLimiterDigest(presented);
    this.limiter.check(request.ip, limiterDigest);
    try {
      const caller = await this.principals.get(key, load);
      this.limiter.recordSuccess(limiterDigest);
      return caller;
    } catch (error) {
      if (error instanceof GatewayError && FAILED_CODES.has(error.code))
        await this.limiter.recordFailure(request.ip, limiterDigest);
      throw isRefusal(error) || error instanceof GatewayError ? error : unavailable(error);
    }
  }

  #authorize(
    access: RouteAccess,
    http: HttpArgumentsHost,
    caller: Caller,
    startedAt: number,
    cache: 'hit' | 'miss',
  ): boolean {
    const request = http.getRequest<FastifyRequest>();
    if (caller.expiresAt !== null && caller.expiresAt <= this.clock.now()) {
      return this.#refuse(access, expired(caller.expiresAt));
    }
    if (access.kind === 'admin') {
      checkPermission(access, request, caller);
      // A shared or browser cache must not keep data that only one person may see.
      http.getResponse<FastifyReply>().header('cache-control', 'no-store');
    }
    request.caller = caller;
    request.authMs = performance.now() - startedAt;
    this.timings.observe(caller.method, request.authMs, cache);
    return true;
  }

  #refuse(access: RouteAccess, error: unknown): never {
    if (!(error instanceof GatewayError) || error.status !== 401) throw error;
    throw addChallenge(error, this.config.http.publicUrl, access.kind === 'admin' ? '/api' : '/v1');
  }
}

/** Browsers attach the cookie to requests that any page sends; only the gateway's own pages may change data with it. */
function checkOrigin({ raw }: FastifyRequest, publicUrl: string): void {
  if (raw.method === 'GET' || raw.method === 'HEAD' || raw.headers.origin === publicUrl) return;
  throw new GatewayError(
    'origin_not_allowed',
    `The request came from another site. A request with the session cookie must carry \`Origin: ${publicUrl}\`.`,
  );
}

function buildMissingAdvice(access: RouteAccess): string {
  return access.kind === 'admin'
    ? 'Send an admin API key (arch_api_…), or an access token with the scope admin:read or admin:write, as `Authorization: Bearer`.'
    : 'Send a virtual key (arch_…), a token or your own provider key, as `Authorization: Bearer <key>` or in the header your client uses.';
}

function notAccepted(method: AuthMethod, route: AuthRoute): GatewayError {
  const surface =
    route.surface === 'admin-api' ? 'the admin API; use an admin API key (arch_api_…)' : `the ${route.surface}`;
  return new GatewayError(
    'method_not_accepted',
    `A credential of this kind (${method.name}) is not accepted on ${surface}.`,
  );
}

/** A guess at a companion is counted like any other guess, also when the credential beside it is valid. */
const computeLimiterDigest = ({ digest, value, companion }: PresentedCredential): string =>
  companion === null ? digest : computeTokenDigestKey(`${value} ${companion}`);

const expired = (at: number): GatewayError =>
  new GatewayError(
    'credential_expired',
    `This credential expired at ${new Date(at).toISOString()}. Create or fetch a new one.`,
  );

const unavailable = (cause: unknown): GatewayError =>
  new GatewayError(
    'temporarily_unavailable',
    'Your credential cannot be checked at the moment. Try again in a few seconds.',
    {
      retryAfterSeconds: 2,
      internal: cause instanceof Error ? cause.message : String(cause),
      cause,
    },
  );
