/** Looks up trusted identity providers for tokens and sign-ins; cached until an event reports a change. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { authTag } from '../../auth/callers/caller.js';
import { PRINTABLE } from '../../admin-api/field-patterns.js';
import { Clock } from '../../platform/time/clock.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { AuthEvents } from '../../platform/events/auth-events.js';
import { InvalidatedCache, type Tagged } from '../../platform/events/invalidated-cache.js';
import type { IdentityProviderId, OrgId } from '../../platform/ids.js';
import type { IdentityProvider } from '../trusted-issuer/identity-provider.js';

const QUERY = `
  SELECT id, organization_id AS "organizationId", provider_id AS "providerId", name, kind, preset, issuer,
         jwks_url AS "jwksUrl", endpoints, audiences, extra_audiences AS "extraAudiences", algorithms,
         token_types AS "tokenTypes", authorized_parties AS "authorizedParties",
         accept_id_tokens AS "acceptIdTokens", max_age_seconds AS "maxAgeSeconds", leeway_seconds AS "leewaySeconds",
         required_claims AS "requiredClaims", claim_mapping AS "claimMapping",
         email_link_policy AS "emailLinkPolicy", verified_domains AS "verifiedDomains",
         create_users AS "createUsers", group_roles AS "groupRoles", client_id AS "clientId",
         enforce_sign_in AS "enforceSignIn", is_disabled AS "isDisabled", version::text AS version
    FROM identity_provider`;

const PROVIDER_CACHE_SIZE = 10_000;
/** Longer than any issuer that can be saved. */
const MAX_NAME_LENGTH = 2048;

/** Cached like any refusal: for seconds, and dropped at the next event, so that a new provider works immediately. */
const UNKNOWN = new Error('unknown identity provider');

/** Returns disabled providers too, marked as such: the caller decides how to treat them. */
@Injectable()
export class IdentityProviderLookup {
  readonly #cache: InvalidatedCache<IdentityProvider>;

  constructor(
    private readonly dataSource: DataSource,
    events: AuthEvents,
    clock: Clock,
    config: AppConfig,
  ) {
    this.#cache = new InvalidatedCache(events, clock, {
      max: PROVIDER_CACHE_SIZE,
      staleSeconds: config.auth.staleSeconds,
      isRefusal: (error) => error === UNKNOWN,
    });
  }

  /** Finds a provider of any organization. Returns null when none has the id. */
  findById(id: IdentityProviderId): Promise<IdentityProvider | null> {
    return this.#find(`id ${id}`, 'id = $1', [id]);
  }

  /** Finds the organization's provider with this issuer, compared byte for byte. Returns null when none matches. */
  async findByIssuer(organizationId: OrgId, issuer: string): Promise<IdentityProvider | null> {
    // An unverified token can contain anything.
    if (issuer.length > MAX_NAME_LENGTH || !PRINTABLE.test(issuer)) return null;
    return this.#find(`${organizationId} ${issuer}`, 'organization_id = $1 AND issuer = $2', [organizationId, issuer]);
  }

  /** Finds a provider of any organization by its name in URLs. Returns null when none matches. */
  async findByProviderId(providerId: string): Promise<IdentityProvider | null> {
    if (providerId.length > MAX_NAME_LENGTH || !PRINTABLE.test(providerId)) return null;
    return this.#find(`name ${providerId}`, 'provider_id = $1', [providerId]);
  }

  async #find(key: string, condition: string, parameters: unknown[]): Promise<IdentityProvider | null> {
    try {
      return await this.#cache.get(key, () => this.#load(condition, parameters));
    } catch (error) {
      if (error === UNKNOWN) return null;
      throw error;
    }
  }

  async #load(condition: string, parameters: unknown[]): Promise<Tagged<IdentityProvider>> {
    const [value] = await this.dataSource.query<IdentityProvider[]>(`${QUERY} WHERE ${condition}`, parameters);
    if (!value) throw UNKNOWN;
    return {
      value: Object.freeze(value),
      tags: [authTag.identityProvider(value.id), authTag.organization(value.organizationId)],
    };
  }
}
