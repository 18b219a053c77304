/**
 * The UserInfo endpoint (OpenID Connect Core §5.3), for the same token that calls models. The library would require a
 * token without an audience, which the gateway never issues. The grant holds what the person allowed.
 */
import { Injectable } from '@nestjs/common';
import type { Context, Next } from 'koa';
import type Provider from 'oidc-provider';
import { Accounts, buildClaims } from '../oidc-library/accounts.js';
import { PROTOCOL_ROUTES } from '../protocol/paths.js';

/** RFC 6750 §2.1. */
const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i;

@Injectable()
export class UserInfo {
  constructor(private readonly accounts: Accounts) {}

  /** For `provider.use`: handles this one path. Preflight requests are passed to the library. */
  readonly middleware =
    (provider: Provider) =>
    async (ctx: Context, next: Next): Promise<void> => {
      if (ctx.path !== PROTOCOL_ROUTES.userinfo || (ctx.method !== 'GET' && ctx.method !== 'POST')) {
        await next();
        return;
      }
      ctx.set('cache-control', 'no-store');
      ctx.set('access-control-allow-origin', '*');
      const token = BEARER.exec(ctx.get('authorization'))?.[1];
      if (token === undefined) return refuse(ctx, 401, null, 'send the access token as `Authorization: Bearer`');
      const claims = await this.#findClaims(provider, token);
      if (claims === 'unknown') return refuse(ctx, 401, 'invalid_token', 'the access token is not valid');
      if (claims === 'unidentified') return refuse(ctx, 403, 'insufficient_scope', 'ask for the scope openid');
      ctx.body = claims;
    };

  async #findClaims(provider: Provider, value: string): Promise<object | 'unknown' | 'unidentified'> {
    const token = await provider.AccessToken.find(value);
    const grant = token?.grantId ? await provider.Grant.find(token.grantId) : undefined;
    if (!token?.isValid || !grant) return 'unknown';
    const user = await this.accounts.findUser(token.accountId);
    if (!user || (await this.accounts.findRefusal(user, token.clientId!)) !== null) return 'unknown';
    const scopes = new Set(grant.getOIDCScope().split(' '));
    if (!scopes.has('openid')) return 'unidentified';
    const { sub, name, email, email_verified } = buildClaims(user);
    return {
      sub,
      ...(scopes.has('profile') ? { name } : {}),
      ...(scopes.has('email') ? { email, email_verified } : {}),
    };
  }
}

/** RFC 6750 §3: the response has no error code if no token was sent. */
function refuse(ctx: Context, status: number, error: string | null, description: string): void {
  ctx.status = status;
  ctx.set('www-authenticate', `Bearer realm="gatehouse"${error === null ? '' : `, error="${error}"`}`);
  ctx.body = { error: error ?? 'invalid_request', error_description: description };
}
