/** Registration by anybody (RFC 7591): a new id for each, and not too many from one address. */
import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { AdapterPayload, KoaContextWithOIDC } from 'oidc-provider';
import { errors } from './library.js';
import { SharedState } from '../../platform/shared-state/shared-state.js';
import { factsOf } from './request-facts.js';

const HOUR_MS = 3_600_000;
/** A team behind one address sets up its editors; a script that fills the table takes a year for a million rows. */
const PER_ADDRESS_AND_HOUR = 120;
const ID_BYTES = 16;

@Injectable()
export class RegistrationDesk {
  constructor(private readonly state: SharedState) {}

  /**
   * For the library's `idFactory`, the first that it asks about a registration. Apps that name an address of a scheme of
   * their own are native ones, which most forget to say.
   */
  newClientId(ctx: KoaContextWithOIDC): string {
    const body: AdapterPayload | undefined = ctx.oidc.body;
    if (body && body.application_type === undefined && body.redirect_uris?.some?.(isOfOwnScheme)) {
      body.application_type = 'native';
    }
    return `llm_oauth_${randomBytes(ID_BYTES).toString('base64url')}`;
  }

  /** Counts; false once an address has had its share of the hour. */
  async mayComeIn(ctx: KoaContextWithOIDC, what: 'registration' | 'metadata-document'): Promise<boolean> {
    const address = factsOf(ctx.req)?.clientAddress ?? 'unknown';
    const { value } = await this.state.increment(`oauth-${what}:${address}`, 1, HOUR_MS);
    return value <= PER_ADDRESS_AND_HOUR;
  }

  async checkQuota(ctx: KoaContextWithOIDC): Promise<void> {
    if (await this.mayComeIn(ctx, 'registration')) return;
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
