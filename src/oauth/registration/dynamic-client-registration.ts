/** Registration open to everyone (RFC 7591): a new id for each client, and a limit per address. */
import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { AdapterPayload, KoaContextWithOIDC } from 'oidc-provider';
import { errors } from '../oidc-library/oidc-provider.js';
import { SharedState } from '../../platform/shared-state/shared-state.js';
import { getRequestContext } from '../oidc-library/request-context.js';

const HOUR_MS = 3_600_000;
/** Enough for a team behind one address to set up its editors; a script needs a year to add a million rows. */
const PER_ADDRESS_AND_HOUR = 120;
const ID_BYTES = 16;

@Injectable()
export class DynamicClientRegistration {
  constructor(private readonly state: SharedState) {}

  /**
   * For the library's `idFactory`, which it calls first in a registration. Apps with a redirect URI of a private scheme
   * are native, but most forget to state it.
   */
  createClientId(ctx: KoaContextWithOIDC): string {
    const body: AdapterPayload | undefined = ctx.oidc.body;
    if (body && body.application_type === undefined && body.redirect_uris?.some?.(isOfOwnScheme)) {
      body.application_type = 'native';
    }
    return `llm_oauth_${randomBytes(ID_BYTES).toString('base64url')}`;
  }

  /** Counts a request. Returns false once the address has exceeded its hourly limit. */
  async countRequest(ctx: KoaContextWithOIDC, kind: 'registration' | 'metadata-document'): Promise<boolean> {
    const address = getRequestContext(ctx.req)?.clientAddress ?? 'unknown';
    const { value } = await this.state.increment(`oauth-${kind}:${address}`, 1, HOUR_MS);
    return value <= PER_ADDRESS_AND_HOUR;
  }

  async checkQuota(ctx: KoaContextWithOIDC): Promise<void> {
    if (await this.countRequest(ctx, 'registration')) return;
    throw new TooManyRegistrations();
  }
}

class TooManyRegistrations extends errors.OIDCProviderError {
  readonly retryAfterSeconds = HOUR_MS / 1000;

  constructor() {
    super(429, 'temporarily_unavailable');
    this.error_description = 'too many registrations came from this address; try again in an hour';
  }
}

const isOfOwnScheme = (uri: unknown): boolean => typeof uri === 'string' && /^(?!https?:)[a-z][a-z0-9+.-]*:/i.test(uri);
