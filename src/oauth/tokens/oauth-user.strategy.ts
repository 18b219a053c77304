/**
 * Authentication method 4: a token that a user has granted to an application (`llm_ut_…`). It acts as the user, through
 * the application.
 */
import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { AuthMethods, CredentialStrategy, type AuthMethod } from '../../auth/methods/auth-method.js';
import { authTag, type Caller } from '../../auth/callers/caller.js';
import type { PresentedCredential } from '../../auth/credentials/presented-credential.js';
import { OAuthClientLookup, type OAuthClient } from '../../clients/authentication/oauth-client.lookup.js';
import { checkCompanion, VirtualKeyLookup } from '../../keys/virtual-keys/virtual-key.lookup.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { computeTokenDigestKey } from '../../platform/crypto/token-digest.js';
import { listGrantableAdminScopes, limitPermissions } from '../protocol/admin-scopes.policy.js';
import { isFirstPartyClient } from '../protocol/first-party-clients.js';
import { buildAdminResource, buildLlmResource, type Resource } from '../protocol/scopes.js';
import { createInvalidTokenError, TokenLookup, type FoundUserToken } from './token.lookup.js';

const NAME = 'oauth-user';

@Injectable()
export class OAuthUserStrategy extends PassportStrategy(CredentialStrategy, NAME) implements AuthMethod {
  override readonly name = NAME;
  readonly order = 40;
  /** The token's scopes decide where it is valid: they belong to one resource. */
  readonly surfaces = ['provider-route', 'model-router', 'admin-api'] as const;
  readonly #resources: readonly Resource[];
  readonly #adminAudience: string;

  constructor(
    methods: AuthMethods,
    private readonly tokens: TokenLookup,
    private readonly clients: OAuthClientLookup,
    private readonly virtualKeys: VirtualKeyLookup,
    config: AppConfig,
  ) {
    super();
    this.#resources = [buildLlmResource(config.http.publicUrl), buildAdminResource(config.http.publicUrl)];
    this.#adminAudience = buildAdminResource(config.http.publicUrl).audience;
    methods.register(this);
  }

  owns({ value }: PresentedCredential): boolean {
    return value.startsWith('llm_ut_');
  }

  getCacheScope({ companion }: PresentedCredential): string {
    return companion === null ? '' : computeTokenDigestKey(companion);
  }

  async validate({ value, companion }: PresentedCredential): Promise<Caller> {
    const token = await this.tokens.findUserToken(value);
    const client = isFirstPartyClient(token.clientId) ? null : await this.clients.findByClientId(token.clientId);
    if (!isFirstPartyClient(token.clientId)) checkClient(client, token);
    if (companion !== null)
      checkCompanion(await this.virtualKeys.getPassthrough(companion), token.organizationId, token.userId);
    const scopes = this.#resolveScopes(token, client);
    const isAdminToken = token.audience === this.#adminAudience;
    return {
      method: NAME,
      subject: { type: 'user', id: token.userId, viaClient: client?.id ?? null },
      organizationId: token.organizationId,
      scopes,
      permissions: isAdminToken
        ? limitPermissions(token.clientId, client, token.rights.permissions)
        : token.rights.permissions,
      keySource: { kind: 'member', userId: token.userId, teamId: null },
      proxyAccess: {
        proxyIds: null,
        teamIds: new Set(token.teamIds),
        ...(client ? { extraProxyIds: new Set(client.allowedProxyIds) } : {}),
      },
      payerTeamId: client?.payerTeamId ?? null,
      allowedModels: null,
      credentialId: token.id,
      expiresAt: token.expiresAt,
      tags: [...listTags(token, client), ...(isAdminToken ? (client?.registrant?.tags ?? []) : [])],
    };
  }

  /**
   * Scopes count only for the resource that the token is for (RFC 8707 §2.2). Scopes of the admin API count only while
   * the client can be granted them.
   */
  #resolveScopes({ scopes, audience, clientId }: FoundUserToken, client: OAuthClient | null): ReadonlySet<string> {
    if (audience === this.#adminAudience) {
      const grantableScopes = listGrantableAdminScopes(clientId, client);
      return new Set(grantableScopes.filter((scope) => scopes.includes(scope)));
    }
    const resource = this.#resources.find((each) => each.audience === audience);
    return new Set(scopes.filter((scope) => resource?.scopes.includes(scope)));
  }
}

function checkClient(client: OAuthClient | null, token: FoundUserToken): asserts client is OAuthClient {
  if (!client || client.isDisabled) throw createInvalidTokenError('client_disabled');
  const isAllowed =
    client.organizationId === null ? token.allowsSelfRegisteredApps : client.organizationId === token.organizationId;
  if (!isAllowed) throw createInvalidTokenError('client_not_allowed');
}

const listTags = (token: FoundUserToken, client: OAuthClient | null): string[] => [
  authTag.oauthToken(token.id),
  authTag.oauthGrant(token.grantId),
  ...(client ? [authTag.oauthClient(client.id)] : []),
  authTag.user(token.userId),
  ...token.rights.tags,
  authTag.organization(token.organizationId),
  ...token.teamIds.map(authTag.team),
];
