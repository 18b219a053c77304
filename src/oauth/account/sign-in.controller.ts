/** Signs people in to the account pages, through the authorization server, like any other client. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../../auth/methods/route-access.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { ACCOUNT_CLIENT_ID, buildAccountCallbackUrl } from '../protocol/first-party-clients.js';
import { PAGE_ROUTES, PROTOCOL_ROUTES } from '../protocol/paths.js';
import { CurrentOidcProvider } from '../oidc-library/current-oidc-provider.js';
import { readCookie } from '../sessions/cookie-value.js';
import { SessionCookie } from '../sessions/session-cookie.js';

const MINUTES_TO_SIGN_IN = 10;

@ApiExcludeController()
@Public()
@Controller('account')
export class AccountSignInController {
  readonly #cookieName: string;

  constructor(
    private readonly oidc: CurrentOidcProvider,
    private readonly session: SessionCookie,
    private readonly config: AppConfig,
  ) {
    this.#cookieName = session.isSecure ? '__Secure-gatehouse_account' : 'gatehouse_account';
  }

  /** Starts the sign-in. The state is kept in the browser, so that a link from another person cannot sign anyone in. */
  @Get('sign-in')
  async begin(@Res() reply: FastifyReply): Promise<void> {
    const state = randomBytes(24).toString('base64url');
    const parameters = new URLSearchParams({
      client_id: ACCOUNT_CLIENT_ID,
      redirect_uri: buildAccountCallbackUrl(this.config.http.publicUrl),
      response_type: 'code',
      scope: 'openid',
      state,
      code_challenge: createHash('sha256').update(createVerifier(state)).digest('base64url'),
      code_challenge_method: 'S256',
    });
    await reply
      .header('set-cookie', this.#buildCookie(state, MINUTES_TO_SIGN_IN * 60))
      .header('cache-control', 'no-store')
      .redirect(`${PROTOCOL_ROUTES.authorization}?${parameters.toString()}`, 303);
  }

  /**
   * Ends the sign-in. The browser's session at the authorization server is the session here too, so the code is not
   * needed. It is destroyed unused, together with its grant.
   */
  @Get('callback')
  async end(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Query() query: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const expected = readCookie(request.raw.headers.cookie, this.#cookieName);
    if (!isSame(expected, query.state) || query.iss !== this.config.http.publicUrl) throw wrongCallback();
    if (typeof query.code === 'string') await this.#giveUp(query.code);
    await reply
      .header('set-cookie', this.#buildCookie('', 0))
      .header('cache-control', 'no-store')
      .redirect(PAGE_ROUTES.account, 303);
  }

  async #giveUp(value: string): Promise<void> {
    const { provider } = this.oidc;
    const code = await provider.AuthorizationCode.find(value);
    if (code?.clientId !== ACCOUNT_CLIENT_ID) return;
    const grant = code.grantId ? await provider.Grant.find(code.grantId) : undefined;
    await code.destroy();
    await grant?.destroy();
  }

  #buildCookie(value: string, maxAgeSeconds: number): string {
    const attributes = [`Path=${PAGE_ROUTES.account}/callback`, `Max-Age=${maxAgeSeconds}`, 'HttpOnly', 'SameSite=Lax'];
    if (this.session.isSecure) attributes.push('Secure');
    return [`${this.#cookieName}=${value}`, ...attributes].join('; ');
  }
}

/** Returns a PKCE verifier that no other party can know. It is never sent, because the code is not redeemed. */
const createVerifier = (state: string): string => `${state}.${randomBytes(32).toString('base64url')}`;

function isSame(expected: string, received: unknown): boolean {
  if (expected === '' || typeof received !== 'string') return false;
  const [one, other] = [Buffer.from(expected), Buffer.from(received)];
  return one.length === other.length && timingSafeEqual(one, other);
}

const wrongCallback = (): GatewayError =>
  new GatewayError(
    'bad_request',
    'This sign-in was not started in this browser, or took too long. Open /account again.',
  );
