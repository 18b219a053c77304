/** Wraps every request to oidc-provider: headers, rate limits, failed clients, outages. */
import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import type { Context, Next } from 'koa';
import type Provider from 'oidc-provider';
import type { ErrorOut, KoaContextWithOIDC } from 'oidc-provider';
import { QueryFailedError } from 'typeorm';
import { GatewayError, toGatewayError } from '../../../platform/errors/gateway-error.js';
import { AppLogger } from '../../../platform/logging/app-logger.js';
import { SharedState } from '../../../platform/shared-state/shared-state.js';
import { NO_ENDPOINT, PROTOCOL_ROUTES } from '../../protocol/paths.js';
import { SessionCookie } from '../../sessions/session-cookie.js';
import {
  setErrorResponse,
  ClientAuthentication,
  InternalFailure,
  TooManyRequests,
  Unavailable,
} from './client-authentication.js';
import { PostedRequests } from './posted-requests.js';
import { DynamicClientRegistration } from '../../registration/dynamic-client-registration.js';
import { getRequestContext } from '../../oidc-library/request-context.js';
import { UserInfo } from '../../tokens/userinfo.js';

/** Public documents change with the configuration and with the keys. Keys are published long before they are used. */
const PUBLIC_SECONDS = 300;
const PUBLIC_PATHS: ReadonlySet<string> = new Set([
  PROTOCOL_ROUTES.jwks,
  '/.well-known/oauth-authorization-server',
  '/.well-known/openid-configuration',
]);

const MINUTE_MS = 60_000;
/** Limit per address and minute for requests that everyone can send and that store a row. */
const ROWS_PER_MINUTE = 600;
const ROW_CREATING_PATHS: ReadonlySet<string> = new Set([
  PROTOCOL_ROUTES.authorization,
  PROTOCOL_ROUTES.device_authorization,
  PROTOCOL_ROUTES.pushed_authorization_request,
  PROTOCOL_ROUTES.code_verification,
  PROTOCOL_ROUTES.end_session,
]);
/** Codes that a person may mistype per minute. 20^8 codes cannot be guessed at that rate (RFC 8628 §5.1). */
const USER_CODES_PER_MINUTE = 10;

@Injectable()
export class ProtocolMiddleware {
  /** Requests that failed because a dependency is unavailable. */
  readonly #unavailable = new WeakSet<IncomingMessage>();

  constructor(
    private readonly authentication: ClientAuthentication,
    private readonly registration: DynamicClientRegistration,
    private readonly userInfo: UserInfo,
    private readonly posted: PostedRequests,
    private readonly cookie: SessionCookie,
    private readonly state: SharedState,
    private readonly logger: AppLogger,
  ) {}

  install(provider: Provider): void {
    provider.use(this.#handleOutages);
    provider.use(this.#setHeaders);
    provider.use(this.#limitRequests);
    provider.use(this.posted.middleware);
    provider.use(this.#countFailedClients);
    provider.use(this.userInfo.middleware(provider));
    provider.on('server_error', (ctx, error) => this.#noteServerError(ctx, error));
  }

  readonly #setHeaders = async (ctx: Context, next: Next): Promise<void> => {
    ctx.set({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      // Pages set their own policy (pages/http/headers.ts).
      'content-security-policy': "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    });
    await next();
    if (PUBLIC_PATHS.has(ctx.path) && ctx.status === 200) ctx.set('cache-control', `public, max-age=${PUBLIC_SECONDS}`);
    // RFC 6749 §5.1; the library sends only Cache-Control.
    else if (ctx.response.get('cache-control') === 'no-store') ctx.set('pragma', 'no-cache');
    if (ctx.status === 404 && !ctx.body) setNotFoundResponse(ctx);
    if (getRequestContext(ctx.req)?.isSessionEnded) this.#removeSessionCookie(ctx);
  };

  /**
   * Removes the session cookie of a session that another request has ended or continues under a new id: the browser
   * keeps the cookie from that request.
   */
  #removeSessionCookie(ctx: Context): void {
    const lines = [ctx.response.get('set-cookie')].flat();
    ctx.remove('set-cookie');
    const otherCookies = lines.filter(
      (line) => !line.startsWith(`${this.cookie.name}=`) && !line.startsWith(`${this.cookie.name}.sig=`),
    );
    if (otherCookies.length > 0) ctx.set('set-cookie', otherCookies);
  }

  readonly #limitRequests = async (ctx: Context, next: Next): Promise<void> => {
    const address = getRequestContext(ctx.req)?.clientAddress ?? '';
    if (ROW_CREATING_PATHS.has(ctx.path)) await this.#count(`oauth-row:${address}`, ROWS_PER_MINUTE);
    if (ctx.path === PROTOCOL_ROUTES.registration && ctx.method === 'POST') {
      await this.registration.checkQuota(ctx as KoaContextWithOIDC);
    }
    if (ctx.path === PROTOCOL_ROUTES.code_verification) return this.#guardUserCodes(ctx, next, address);
    await next();
  };

  /**
   * A code in the URL only prefills the form, which the person then sends: following a link never counts as typing a
   * code. An attempt is counted before the code is looked up, so that concurrent attempts all count. A correct one is
   * refunded.
   */
  async #guardUserCodes(ctx: Context, next: Next, address: string): Promise<void> {
    if (ctx.method === 'GET' && typeof ctx.query.user_code === 'string') {
      ctx.state.userCode = ctx.query.user_code;
      ctx.query = {};
    }
    if (ctx.method !== 'POST') {
      await next();
      return;
    }
    const key = `oauth-user-code:${address}`;
    await this.#count(key, USER_CODES_PER_MINUTE);
    await next();
    if ((ctx as KoaContextWithOIDC).oidc.entities.DeviceCode) await this.state.increment(key, -1, MINUTE_MS);
  }

  readonly #countFailedClients = async (ctx: Context, next: Next): Promise<void> => {
    await next();
    const { error } = (ctx.body ?? {}) as { error?: string };
    if (error === 'invalid_client' && ctx.method === 'POST')
      await this.authentication.countRefusal(ctx as KoaContextWithOIDC);
  };

  /**
   * Responds with 503 when a store is unavailable, whether the library has turned the error into a 500 or it was thrown
   * outside the library.
   */
  readonly #handleOutages = async (ctx: Context, next: Next): Promise<void> => {
    try {
      await next();
    } catch (error) {
      if (error instanceof TooManyRequests || isDescribed(error))
        return this.#respond(ctx as KoaContextWithOIDC, error);
      this.#noteServerError(ctx, error);
      if (!this.#unavailable.has(ctx.req)) return this.#respond(ctx as KoaContextWithOIDC, new InternalFailure());
    }
    if (this.#unavailable.has(ctx.req)) this.#respond(ctx as KoaContextWithOIDC, new Unavailable());
  };

  /** Responds to programs with JSON, to people with a page. */
  #respond(ctx: KoaContextWithOIDC, error: TooManyRequests | Unavailable | InternalFailure): void {
    ctx.remove('location');
    setErrorResponse(ctx, error);
    if (ctx.accepts('json', 'html') === 'html') this.posted.pages.renderError(ctx, ctx.body as ErrorOut);
  }

  #noteServerError(ctx: Context, error: unknown): void {
    this.#log(ctx, error);
    if (isOutage(error)) this.#unavailable.add(ctx.req);
  }

  #log(ctx: Context, error: unknown): void {
    const requestId = getRequestContext(ctx.req)?.requestId;
    this.logger.pino.error({ requestId, err: error }, 'the authorization server failed to process a request');
  }

  async #count(key: string, limit: number): Promise<void> {
    const { value, remainingMs } = await this.state.increment(key, 1, MINUTE_MS);
    if (value > limit) throw tooMany(remainingMs);
  }
}

/**
 * The database rejects a statement here when a concurrent request has just ended a row that it refers to, so the client
 * may try again.
 */
const isOutage = (error: unknown): boolean =>
  error instanceof QueryFailedError || toGatewayError(error).code !== 'internal_error';

const tooMany = (waitMs: number): TooManyRequests =>
  new TooManyRequests(
    new GatewayError('rate_limited', 'too many requests came from this address; try again in a minute', {
      retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)),
    }),
  );

/** Whether it is an error of the library's kind that says when to try again. */
const isDescribed = (error: unknown): error is TooManyRequests =>
  error instanceof Error && 'error_description' in error && (error as { status?: number }).status === 429;

/** Handles an unknown endpoint or method, for which the library would respond in plain text. */
function setNotFoundResponse(ctx: Context): void {
  ctx.status = 404;
  ctx.body = NO_ENDPOINT;
}
