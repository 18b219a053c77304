/** Where the library's answers say less than the standards have words for. */
import { Injectable } from '@nestjs/common';
import type { Next } from 'koa';
import type Provider from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { tokenDigestKey } from '../../platform/crypto/token-digest.js';
import { SharedState } from '../../platform/shared-state/shared-state.js';

/** A device that asks every five seconds (RFC 8628 §3.2) may be a little early. */
const POLL_MS = 4_500;

interface Refusal {
  error?: string;
  error_description?: string;
}

@Injectable()
export class ProtocolAnswers {
  constructor(private readonly state: SharedState) {}

  install(provider: Provider): void {
    provider.use(async (ctx, next) => this.#amend(ctx as KoaContextWithOIDC, next));
  }

  async #amend(ctx: KoaContextWithOIDC, next: Next): Promise<void> {
    await next();
    const refusal = ctx.body as Refusal | undefined;
    if (isWrongGrant(refusal)) ctx.body = { ...refusal, error: 'unauthorized_client' };
    if (refusal?.error === 'authorization_pending' && (await this.#isHasty(ctx.oidc.params!.device_code as string)))
      ctx.body = { error: 'slow_down', error_description: 'wait five seconds longer between two requests' };
  }

  async #isHasty(deviceCode: string): Promise<boolean> {
    return !(await this.state.once(`device-poll:${tokenDigestKey(deviceCode)}`, POLL_MS));
  }
}

/** RFC 6749 §5.2: the client is known, and the grant not for it. The library calls that a bad request. */
const isWrongGrant = (refusal: Refusal | undefined): boolean =>
  refusal?.error === 'invalid_request' &&
  /^(requested grant type|\S+) is not allowed for this client$/.test(refusal.error_description ?? '');
