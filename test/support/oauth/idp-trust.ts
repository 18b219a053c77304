/** The core of the trust in identity providers, on a database of its own and with a real egress; without a gateway. */
import { randomBytes } from 'node:crypto';
import { KeySetEntity } from '../../../src/idp-trust/jwks/key-set.entity.js';
import { KeySetStore } from '../../../src/idp-trust/jwks/key-set.store.js';
import { KeySets } from '../../../src/idp-trust/jwks/key-sets.js';
import type { IdentityProvider } from '../../../src/idp-trust/trusted-issuer/identity-provider.js';
import { JwtValidator } from '../../../src/idp-trust/token-validation/jwt.validator.js';
import { getPreset } from '../../../src/idp-trust/presets/preset-registry.js';
import { loadConfig } from '../../../src/platform/config/app-config.js';
import { UnitOfWork } from '../../../src/platform/database/unit-of-work.js';
import { AuthEvents, type AuthEvent } from '../../../src/platform/events/auth-events.js';
import { createId, type IdentityProviderId, type OrgId } from '../../../src/platform/ids.js';
import { closePlatform, openPlatform, type OpenPlatformOptions } from '../../../src/platform/open-platform.js';
import type { PlatformResources } from '../../../src/platform/platform.module.js';
import { testDatabase, type TestDatabase } from '../gateway/databases.js';
import { TestClock } from '../gateway/gateway.js';

export interface TrustProcess {
  keySets: KeySets;
  validator: JwtValidator;
  events: AuthEvents;
  /** Events applied in this process. */
  seen: AuthEvent[];
}

export class Trust {
  readonly clock = new TestClock();
  readonly log: string[] = [];
  #database: TestDatabase;
  resources: PlatformResources;

  static async start(): Promise<Trust> {
    const trust = new Trust();
    trust.#database = await testDatabase();
    const { url, embedded } = trust.#database;
    const config = loadConfig({
      ENCRYPTION_KEYS: randomBytes(32).toString('base64'),
      UPSTREAM_ALLOWED_HOSTS: '127.0.0.1',
      ...(url ? { DATABASE_URL: url } : {}),
    });
    const options: OpenPlatformOptions = {
      entities: [KeySetEntity],
      clock: trust.clock,
      logSink: { write: (line) => void trust.log.push(line) },
    };
    trust.resources = await openPlatform(config, { ...options, ...(embedded ? { embedded } : {}) });
    return trust;
  }

  /** Creates the state of one process. Several may share the database; the test passes events on. */
  process(): TrustProcess {
    const { database, egress, logger } = this.resources;
    const events = new AuthEvents(this.clock, 'in-process');
    const seen: AuthEvent[] = [];
    events.subscribe((event) => void seen.push(event));
    const store = new KeySetStore(database.dataSource, new UnitOfWork(database.dataSource, events), this.clock);
    const keySets = new KeySets(egress, store, this.clock, logger, events);
    return { keySets, validator: new JwtValidator(keySets, this.clock), events, seen };
  }

  /** Saves a provider, so that its keys are stored. */
  async saved(provider: IdentityProvider): Promise<IdentityProvider> {
    const { dataSource } = this.resources.database;
    await dataSource.query(`INSERT INTO organization (id, name, slug) VALUES ($1, 'Acme', $2) ON CONFLICT DO NOTHING`, [
      provider.organizationId,
      provider.organizationId,
    ]);
    await dataSource.query(
      `INSERT INTO identity_provider (id, organization_id, provider_id, name, issuer, jwks_url, audiences, algorithms, token_types)
       VALUES ($1, $2, $8, 'x', $3, $4, $5, $6, $7)`,
      [
        ...[provider.id, provider.organizationId, provider.issuer, provider.jwksUrl],
        ...[provider.audiences, provider.algorithms, provider.tokenTypes, `p-${provider.id}`],
      ],
    );
    return provider;
  }

  async close(): Promise<void> {
    await closePlatform(this.resources);
    await this.#database.drop();
  }
}

/** Returns a provider with its preset's defaults, as the admin API would create it. */
export function providerOf(over: Partial<IdentityProvider> & { issuer: string; jwksUrl: string }): IdentityProvider {
  const preset = getPreset(over.preset ?? 'custom');
  return {
    id: createId<IdentityProviderId>(),
    organizationId: createId<OrgId>(),
    providerId: 'acme',
    name: 'Acme',
    kind: preset.kind,
    preset: preset.id,
    endpoints: null,
    audiences: ['gatehouse'],
    extraAudiences: preset.listExtraAudiences(over.issuer),
    algorithms: preset.algorithms,
    tokenTypes: preset.tokenTypes,
    authorizedParties: [],
    acceptIdTokens: preset.acceptIdTokens,
    maxAgeSeconds: 86_400,
    leewaySeconds: 30,
    requiredClaims: {},
    claimMapping: preset.claimMapping,
    emailLinkPolicy: 'off',
    verifiedDomains: [],
    createUsers: false,
    groupRoles: [],
    clientId: null,
    enforceSignIn: false,
    isDisabled: false,
    version: '1',
    ...over,
  };
}
