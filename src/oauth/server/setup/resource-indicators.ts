/** Callbacks of the library about resources (RFC 8707): which one is meant, its scopes, the lifetime of its tokens. */
import { Injectable } from '@nestjs/common';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { errors } from '../../oidc-library/oidc-provider.js';
import { OAuthClientLookup } from '../../../clients/authentication/oauth-client.lookup.js';
import { AppConfig } from '../../../platform/config/app-config.js';
import { Accounts } from '../../oidc-library/accounts.js';
import { listGrantableAdminScopes } from '../../protocol/admin-scopes.policy.js';
import { OWN_DESCRIPTIONS } from '../../protocol/error-texts.js';
import {
  ADMIN_SCOPES,
  buildAdminResource,
  LLM_SCOPE,
  buildLlmResource,
  inferResource,
  findResource,
  findForeignScopes,
  type Resource,
} from '../../protocol/scopes.js';
import { LIFETIMES, TokenLifetimes } from '../../tokens/lifetimes.js';

/** The members of the library's client that are used here. */
interface RequestingClient {
  clientId: string;
  grantTypeAllowed(type: string): boolean;
}

export interface ResourceServerInfo {
  scope: string;
  audience: string;
  accessTokenFormat: 'opaque';
  accessTokenTTL: number;
}

@Injectable()
export class ResourceIndicators {
  readonly #issuer: string;

  constructor(
    private readonly directory: OAuthClientLookup,
    private readonly accounts: Accounts,
    private readonly lifetimes: TokenLifetimes,
    config: AppConfig,
  ) {
    this.#issuer = config.http.publicUrl;
  }

  /** Returns the resource of a request that names none. A request without a scope too is for calling models. */
  getDefaultResource(
    ctx: KoaContextWithOIDC,
    client: RequestingClient,
    oneOf?: readonly string[],
  ): string | readonly string[] {
    if (oneOf !== undefined) return oneOf;
    const params = ctx.oidc.params!;
    params.scope ??= LLM_SCOPE;
    if (isApplication(client)) return buildLlmResource(this.#issuer).audience;
    return inferResource(this.#issuer, params.scope as string).audience;
  }

  /** Throws `invalid_target` for a foreign resource, `invalid_scope` for scopes that the resource does not have. */
  async getServerInfo(
    ctx: KoaContextWithOIDC,
    indicator: string,
    client: RequestingClient,
  ): Promise<ResourceServerInfo> {
    const resource = findResource(this.#issuer, indicator);
    if (!resource) throw new errors.InvalidTarget('unknown resource');
    if (isApplication(client) && resource.audience !== buildLlmResource(this.#issuer).audience) {
      throw new errors.InvalidTarget('the admin API is for people: use the authorization code flow');
    }
    const scopes = await this.#listGrantableScopes(client, resource);
    if (scopes.length === 0) throw createAdminScopeError(ADMIN_SCOPES);
    // A request that names its resource but no scope asks for all scopes of the resource.
    if (ctx.oidc.params && !ctx.oidc.params.scope && !ctx.oidc.params.refresh_token && !ctx.oidc.params.code) {
      ctx.oidc.params.scope = scopes.join(' ');
    }
    const unknownScopes = findForeignScopes(
      resource,
      ctx.oidc.params?.scope as string | undefined,
      isApplication(client),
    );
    const deniedScopes = findForeignScopes(
      { ...resource, scopes },
      ctx.oidc.params?.scope as string | undefined,
      isApplication(client),
    );
    if (unknownScopes.length === 0 && deniedScopes.length > 0) throw createAdminScopeError(deniedScopes);
    if (unknownScopes.length > 0) {
      throw new errors.InvalidScope(`${resource.audience} has no such scope`, unknownScopes.join(' '));
    }
    return {
      scope: scopes.join(' '),
      audience: resource.audience,
      accessTokenFormat: 'opaque',
      accessTokenTTL: await this.#getLifetime(ctx, client),
    };
  }

  /** Returns the scopes of the resource that the client can be granted now. */
  async #listGrantableScopes({ clientId }: RequestingClient, resource: Resource): Promise<readonly string[]> {
    if (resource.audience !== buildAdminResource(this.#issuer).audience) return resource.scopes;
    return listGrantableAdminScopes(clientId, await this.directory.findByClientId(clientId));
  }

  async #getLifetime(ctx: KoaContextWithOIDC, client: RequestingClient): Promise<number> {
    if (isApplication(client)) {
      const record = await this.directory.findByClientId(client.clientId);
      if (record?.tokenLifetimeSeconds) return record.tokenLifetimeSeconds;
      return record?.organizationId
        ? (await this.lifetimes.get(record.organizationId)).clientSeconds
        : LIFETIMES.accessToken;
    }
    const sub = ctx.oidc.account?.accountId;
    const user = sub === undefined ? null : await this.accounts.findUser(sub);
    return user ? (await this.lifetimes.get(user.organizationId)).userSeconds : LIFETIMES.accessToken;
  }
}

const createAdminScopeError = (scopes: readonly string[]): Error =>
  new errors.InvalidScope(OWN_DESCRIPTIONS.adminScopeRefused, scopes.join(' '));

/** Whether the client acts for itself. A client has either this grant or users, never both. */
const isApplication = (client: RequestingClient): boolean => client.grantTypeAllowed('client_credentials');
