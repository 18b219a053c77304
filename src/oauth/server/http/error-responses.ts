/** Corrects responses of the library that say less than the standards provide for. */
import { Injectable } from '@nestjs/common';
import type { Next } from 'koa';
import type Provider from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { computeTokenDigestKey } from '../../../platform/crypto/token-digest.js';
import { SharedState } from '../../../platform/shared-state/shared-state.js';
import { IDENTITY_SCOPES } from '../../protocol/scopes.js';

/** A device that polls every five seconds (RFC 8628 §3.2) may be slightly early. */
const POLL_MS = 4_500;

const IDENTITY: ReadonlySet<string> = new Set(IDENTITY_SCOPES);

/** One description for every failure: only the owner of the other host may learn its response. */
const SECTOR_UNCHECKED = 'the sector_identifier_uri could not be checked';

interface ErrorBody {
  error?: string;
  error_description?: string;
}

@Injectable()
export class ErrorResponses {
  constructor(private readonly state: SharedState) {}

  install(provider: Provider): void {
    provider.use(async (ctx, next) => this.#amend(ctx as KoaContextWithOIDC, next));
  }

  async #amend(ctx: KoaContextWithOIDC, next: Next): Promise<void> {
    await next();
    // Browsers receive a page, whose body is text.
    const body = typeof ctx.body === 'object' ? (ctx.body as ErrorBody | null) : null;
    if (ctx.oidc?.route === 'token' && body !== null && 'access_token' in body) listAllScopes(ctx);
    if (body?.error_description?.includes('sector_identifier_uri'))
      ctx.body = { ...body, error_description: SECTOR_UNCHECKED };
    if (isWrongGrant(body)) ctx.body = { ...body, error: 'unauthorized_client' };
    if (body?.error === 'authorization_pending' && (await this.#isHasty(ctx.oidc.params!.device_code as string)))
      ctx.body = { error: 'slow_down', error_description: 'wait five seconds longer between two requests' };
  }

  async #isHasty(deviceCode: string): Promise<boolean> {
    return !(await this.state.setIfAbsent(`device-poll:${computeTokenDigestKey(deviceCode)}`, POLL_MS));
  }
}

/**
 * RFC 6749 §5.1: `scope` lists the granted scopes. The library lists only those of the resource, and a client that
 * compares would consider `openid` and `profile` refused.
 */
function listAllScopes(ctx: KoaContextWithOIDC): void {
  const { AuthorizationCode, DeviceCode, RefreshToken, Grant } = ctx.oidc.entities;
  const artifact = AuthorizationCode ?? DeviceCode ?? RefreshToken;
  if (!artifact || !Grant) return;
  const body = ctx.body as { scope?: string };
  // A refresh may request less than the grant holds (RFC 6749 §6).
  const requested = (ctx.oidc.params!.refresh_token && ctx.oidc.params!.scope) || artifact.scope;
  const scopes = typeof requested === 'string' ? requested.split(' ') : [];
  const identityScopes = new Set(
    Grant.getOIDCScopeFiltered(new Set(scopes))
      .split(' ')
      .filter((word) => IDENTITY.has(word)),
  );
  const resourceScopes = new Set(body.scope?.split(' '));
  const granted = [...new Set(scopes)].filter((word) => identityScopes.has(word) || resourceScopes.has(word));
  if (granted.length > 0) body.scope = granted.join(' ');
}

/** RFC 6749 §5.2: the client is known, but may not use the grant. The library reports `invalid_request`. */
const isWrongGrant = (body: ErrorBody | null): boolean =>
  body?.error === 'invalid_request' &&
  /^(requested grant type|\S+) is not allowed for this client$/.test(body.error_description ?? '');
