/**
 * Opens stored provider keys. An opened key stays in memory until it changes (opening costs several microseconds,
 * reading it from Vault milliseconds), and is never written anywhere.
 */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { authTag } from '../../auth/callers/caller.js';
import { Clock } from '../../platform/time/clock.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { SealedBox } from '../../platform/crypto/sealed-box.js';
import type { Secret } from '../../platform/crypto/secret.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { AuthEvents } from '../../platform/events/auth-events.js';
import { InvalidatedCache } from '../../platform/events/invalidated-cache.js';
import type { OrgId, ProviderKeyId } from '../../platform/ids.js';
import type { ProviderAdapter, ProviderId } from '../../providers/contract/provider-adapter.js';
import { findProvider } from '../../providers/registry.js';
import type { KeyScope } from './member-keys.reader.js';
import { SecretSources } from '../secret-sources/registry.js';
import type { ProviderKeyServer } from './provider-key.entity.js';
import type { UpstreamAddress, UpstreamCredential } from './upstream-credential.js';

interface Row {
  id: ProviderKeyId;
  organization_id: OrgId;
  provider: ProviderId;
  scope: KeyScope;
  sealed_secret: string | null;
  secret_ref: string | null;
  base_url: string | null;
  servers: ProviderKeyServer[] | null;
  extra_headers: Record<string, string>;
}

export interface OpenedKey extends UpstreamCredential {
  readonly organizationId: OrgId;
  readonly provider: ProviderId;
  readonly scope: KeyScope;
}

const KEY_CACHE_SIZE = 10_000;

/** The associated data that a provider key's secret is sealed with. */
export const createProviderKeySealContext = (id: string) => ({ table: 'provider_key', column: 'sealed_secret', id });

@Injectable()
export class ProviderKeyLookup {
  readonly #cache: InvalidatedCache<OpenedKey>;

  constructor(
    private readonly dataSource: DataSource,
    private readonly box: SealedBox,
    private readonly sources: SecretSources,
    events: AuthEvents,
    clock: Clock,
    private readonly config: AppConfig,
  ) {
    this.#cache = new InvalidatedCache(events, clock, { max: KEY_CACHE_SIZE, staleSeconds: config.auth.staleSeconds });
  }

  /** Returns the opened key. Throws `provider_key_unavailable` when it is gone or cannot be opened. */
  open(id: ProviderKeyId): OpenedKey | Promise<OpenedKey> {
    const load = async () => ({ value: await this.#load(id), tags: [authTag.providerKey(id)] });
    return this.#cache.peek(id, load) ?? this.#cache.get(id, load);
  }

  async #load(id: ProviderKeyId): Promise<OpenedKey> {
    const [row] = await this.dataSource.query<Row[]>(
      `SELECT id, organization_id, provider, scope, sealed_secret, secret_ref, base_url, servers, extra_headers FROM provider_key WHERE id = $1`,
      [id],
    );
    if (!row) throw unavailable(`provider key ${id} no longer exists`);
    const adapter = findProvider(row.provider);
    if (!adapter) throw unavailable(`provider key ${id} is for ${row.provider}, which is not registered`);
    const servers = row.servers?.map(({ baseUrl, models }) => ({
      ...resolveProviderAddress(adapter, this.config, baseUrl),
      models: Object.freeze(models),
    }));
    const address = servers?.[0] ?? resolveProviderAddress(adapter, this.config, row.base_url);
    const secret = await this.#readSecret(row);
    return Object.freeze({
      origin: address.origin,
      basePath: address.basePath,
      ...(servers && { servers: Object.freeze(servers) }),
      providerKeyId: id,
      organizationId: row.organization_id,
      provider: row.provider,
      scope: row.scope,
      secret,
      extraHeaders: Object.entries(row.extra_headers).flatMap(([name, value]) => [name.toLowerCase(), value]),
    });
  }

  async #readSecret(row: Row): Promise<Secret | null> {
    if (row.secret_ref) return this.sources.read(row.secret_ref);
    if (!row.sealed_secret) return null;
    try {
      return this.box.open(row.sealed_secret, createProviderKeySealContext(row.id));
    } catch (cause) {
      throw unavailable(`provider key ${row.id} cannot be unsealed: ${(cause as Error).message}`, cause);
    }
  }
}

/**
 * Returns the address of a provider's calls: the key's own, else the deployment's, else the vendor's. Throws
 * `provider_not_mapped`.
 */
export function resolveProviderAddress(
  adapter: ProviderAdapter,
  config: AppConfig,
  keyBaseUrl: string | null = null,
): UpstreamAddress {
  const base = keyBaseUrl ?? config.upstream.baseUrls[adapter.id] ?? adapter.baseUrl;
  if (base === null) {
    throw new GatewayError(
      'provider_not_mapped',
      `${adapter.displayName} has no address here. An admin sets it as the provider key's baseUrl, or with LLM_${adapter.id.toUpperCase()}_BASE_URL.`,
    );
  }
  const url = new URL(adapter.normalizeBaseUrl?.(base) ?? base);
  return { origin: url.origin, basePath: url.pathname.replace(/\/+$/, '') };
}

const unavailable = (internal: string, cause?: unknown): GatewayError =>
  new GatewayError(
    'provider_key_unavailable',
    'The stored provider key cannot be used. Ask your administrator to check it.',
    { internal, cause },
  );
