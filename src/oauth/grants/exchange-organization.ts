import { Injectable } from '@nestjs/common';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { OAuthClientLookup } from '../../clients/authentication/oauth-client.lookup.js';
import { LlmProxyLookup } from '../../orgs/llm-proxies/llm-proxy.lookup.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { isUuid, type OrgId, type ProxyId } from '../../platform/ids.js';

/** Selects whose trusted identity providers a token is validated against: those of one organization, never all. */
@Injectable()
export class ExchangeOrganization {
  constructor(
    private readonly clients: OAuthClientLookup,
    private readonly proxies: LlmProxyLookup,
    private readonly config: AppConfig,
  ) {}

  /**
   * Returns the client's organization. For a client that belongs to none: that of the LLM proxy whose base URL the
   * request names as its resource, else the deployment's default organization.
   */
  async find(ctx: KoaContextWithOIDC): Promise<OrgId> {
    const client = await this.clients.findByClientId(ctx.oidc.client!.clientId);
    if (client?.organizationId) return client.organizationId;
    const proxyId = this.#findNamedProxy(ctx.oidc.params!.resource);
    const proxy = await (proxyId === null ? this.proxies.getDeploymentDefault() : this.proxies.getById(proxyId));
    return proxy.organizationId;
  }

  #findNamedProxy(resource: unknown): ProxyId | null {
    const base = `${this.config.http.publicUrl}/v1/`;
    if (typeof resource !== 'string' || !resource.startsWith(base)) return null;
    const id = resource.slice(base.length).split('/')[1];
    return id !== undefined && isUuid(id) ? (id.toLowerCase() as ProxyId) : null;
  }
}
