/** Trusted identity providers as tokens and sign-ins look them up: remembered until an event says that one has changed. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { authTag } from '../auth/caller.js';
import { PRINTABLE } from '../orgs/field-rules.js';
import { Clock } from '../platform/clock.js';
import { AppConfig } from '../platform/config/app-config.js';
import { AuthEvents } from '../platform/events/auth-events.js';
import { EventedCache, type Tagged } from '../platform/events/evented-cache.js';
import type { IdentityProviderId, OrgId } from '../platform/ids.js';
import type { IdentityProvider } from './identity-provider.js';

const QUERY = `
  SELECT id, organisation_id AS "organisationId", provider_id AS "providerId", name, kind, preset, issuer,
         jwks_url AS "jwksUrl", endpoints, audiences, extra_audiences AS "extraAudiences", algorithms,
         token_types AS "tokenTypes", authorized_parties AS "authorizedParties",
         accept_id_tokens AS "acceptIdTokens", max_age_seconds AS "maxAgeSeconds", leeway_seconds AS "leewaySeconds",
         required_claims AS "requiredClaims", claim_mapping AS "claimMapping",
         email_link_policy AS "emailLinkPolicy", verified_domains AS "verifiedDomains",
         create_users AS "createUsers", group_roles AS "groupRoles", client_id AS "clientId",
         enforce_sign_in AS "enforceSignIn", is_disabled AS "isDisabled", version::text AS version
    FROM identity_provider`;

const PROVIDERS_KEPT = 10_000;
/** Longer than any issuer that can be saved. */
const LONGEST_NAME = 2048;

/** Remembered like any refusal: for seconds, and forgotten at the next event, so that a new provider is known at once. */
const UNKNOWN = new Error('there is no such identity provider');

/** A disabled provider is answered as such: whoever asks decides what that means. */
@Injectable()
export class IdentityProviderDirectory {
  readonly #cache: EventedCache<IdentityProvider>;

  constructor(
    private readonly dataSource: DataSource,
    events: AuthEvents,
    clock: Clock,
    config: AppConfig,
  ) {
    this.#cache = new EventedCache(events, clock, {
      max: PROVIDERS_KEPT,
      staleSeconds: config.auth.staleSeconds,
      isRefusal: (error) => error === UNKNOWN,
    });
  }

  /** Of whichever organisation. Null when there is none. */
  byId(id: IdentityProviderId): Promise<IdentityProvider | null> {
    return this.#find(`id ${id}`, 'id = $1', [id]);
  }

  /** The one that an organisation trusts as `issuer`, compared byte for byte. Null when there is none. */
  async byIssuer(organisationId: OrgId, issuer: string): Promise<IdentityProvider | null> {
    // What a token says before it is verified: anything.
    if (issuer.length > LONGEST_NAME || !PRINTABLE.test(issuer)) return null;
    return this.#find(`${organisationId} ${issuer}`, 'organisation_id = $1 AND issuer = $2', [organisationId, issuer]);
  }

  /** By its name in addresses, of whichever organisation. Null when there is none. */
  async byProviderId(providerId: string): Promise<IdentityProvider | null> {
    if (providerId.length > LONGEST_NAME || !PRINTABLE.test(providerId)) return null;
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
      tags: [authTag.identityProvider(value.id), authTag.organisation(value.organisationId)],
    };
  }
}
