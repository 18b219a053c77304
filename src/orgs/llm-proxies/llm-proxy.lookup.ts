/** Looks LLM proxies up for calls: by id, or the default one of an organization. Cached. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { authTag } from '../../auth/callers/caller.js';
import { isRefusal } from '../../auth/guard/principal-cache.js';
import { Clock } from '../../platform/time/clock.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { AuthEvents } from '../../platform/events/auth-events.js';
import { InvalidatedCache, type Tagged } from '../../platform/events/invalidated-cache.js';
import type { IdentityProviderId, OrgId, ProxyId, TeamId } from '../../platform/ids.js';
import type { LlmProxy, LlmProxyPolicy } from './policy/llm-proxy.js';
import type { CaptureMode } from '../organization/organization.dto.js';

interface ProxyRow {
  id: ProxyId;
  organization_id: OrgId;
  name: string;
  is_default: boolean;
  team_ids: TeamId[];
  identity_provider_ids: IdentityProviderId[];
  allow_direct_keys: boolean;
  allow_jwt_on_router: boolean;
  strict_audit: boolean;
  capture_content: CaptureMode;
  content_retention_days: number;
  policy: LlmProxyPolicy;
  sealed_guardrail_secret: string | null;
}

const COLUMNS =
  'p.id, p.organization_id, p.name, p.is_default, p.team_ids, p.identity_provider_ids, p.allow_direct_keys, ' +
  'p.allow_jwt_on_router, p.strict_audit, p.policy, p.sealed_guardrail_secret, coalesce(p.capture_content, o.capture_content) AS capture_content, ' +
  'coalesce(p.content_retention_days, o.content_retention_days) AS content_retention_days';
const PROXY_CACHE_SIZE = 10_000;

@Injectable()
export class LlmProxyLookup {
  readonly #cache: InvalidatedCache<LlmProxy>;

  constructor(
    private readonly dataSource: DataSource,
    events: AuthEvents,
    clock: Clock,
    config: AppConfig,
  ) {
    this.#cache = new InvalidatedCache(events, clock, {
      max: PROXY_CACHE_SIZE,
      staleSeconds: config.auth.staleSeconds,
      isRefusal,
    });
  }

  /** Looks a proxy up by id, in any organization. Throws `proxy_not_found`. */
  getById(id: ProxyId): LlmProxy | Promise<LlmProxy> {
    return this.#find(id, async () => {
      const row = await this.#findRow('p.id = $1', [id]);
      if (!row)
        throw new GatewayError('proxy_not_found', `No LLM proxy has the id ${id}. Check the id in the base URL.`);
      return toTagged(row);
    });
  }

  /** Returns the default proxy of an organization. Throws `proxy_not_found` when it has none. */
  getDefault(organizationId: OrgId): LlmProxy | Promise<LlmProxy> {
    return this.#find(`default of ${organizationId}`, async () => {
      const row = await this.#findRow('p.organization_id = $1 AND p.is_default', [organizationId]);
      if (!row) throw noDefault();
      return toTagged(row);
    });
  }

  /** Returns the default proxy of the deployment's default organization. */
  getDeploymentDefault(): LlmProxy | Promise<LlmProxy> {
    return this.#find('default', async () => {
      const row = await this.#findRow('p.is_default AND o.is_default', []);
      if (!row) throw noDefault();
      return toTagged(row);
    });
  }

  #find(key: string, load: () => Promise<Tagged<LlmProxy>>): LlmProxy | Promise<LlmProxy> {
    return this.#cache.peek(key, load) ?? this.#cache.get(key, load);
  }

  async #findRow(condition: string, parameters: unknown[]): Promise<ProxyRow | undefined> {
    const rows = await this.dataSource.query<ProxyRow[]>(
      `SELECT ${COLUMNS} FROM llm_proxy p JOIN organization o ON o.id = p.organization_id WHERE ${condition}`,
      parameters,
    );
    return rows[0];
  }
}

function toTagged(row: ProxyRow): Tagged<LlmProxy> {
  const value: LlmProxy = Object.freeze({
    id: row.id,
    organizationId: row.organization_id,
    name: row.name,
    isDefault: row.is_default,
    teamIds: row.team_ids,
    identityProviderIds: row.identity_provider_ids,
    allowDirectKeys: row.allow_direct_keys,
    allowJwtOnRouter: row.allow_jwt_on_router,
    strictAudit: row.strict_audit,
    capture:
      row.capture_content === 'off'
        ? null
        : Object.freeze({ mode: row.capture_content, retentionDays: row.content_retention_days }),
    policy: row.policy,
    sealedGuardrailSecret: row.sealed_guardrail_secret,
  });
  return {
    value,
    tags: [
      authTag.llmProxy(row.id),
      authTag.llmProxies(row.organization_id),
      authTag.organization(row.organization_id),
    ],
  };
}

const noDefault = (): GatewayError =>
  new GatewayError(
    'proxy_not_found',
    'No LLM proxy is the default. Put the id of one into the base URL, or mark one as the default.',
  );
