/**
 * The caller, in one shape for all authentication methods. A strategy identifies the caller; everything downstream
 * reads only this. The bearer secret is left out on purpose, because a Caller is cached and logged. The only exception
 * is the caller's own provider key, which has to be passed on.
 */
import type {
  AdminApiKeyId,
  OAuthClientId,
  OrgId,
  ProviderKeyId,
  ProxyId,
  TeamId,
  UserId,
  VirtualKeyId,
} from '../../platform/ids.js';
import type { Secret } from '../../platform/crypto/secret.js';
import type { Permission } from './permissions.js';

export type Surface = 'provider-route' | 'model-router' | 'admin-api';

export type Subject =
  | { type: 'user'; id: UserId; viaClient: OAuthClientId | null }
  | { type: 'app'; id: OAuthClientId }
  | { type: 'virtual-key'; id: VirtualKeyId; ownerId: UserId | null }
  | { type: 'admin-api-key'; id: AdminApiKeyId; userId: UserId }
  | { type: 'key-holder'; fingerprint: string };

/** Source of the provider key of a call. Only the credential resolver turns this into a key. */
export type KeySource =
  | { kind: 'presented'; secret: Secret }
  | { kind: 'bound'; keys: ReadonlyMap<string, ProviderKeyId> }
  | { kind: 'member'; userId: UserId; teamId: TeamId | null }
  | { kind: 'none' };

/**
 * The LLM proxies of the organization that the caller may use: those listed (null: any). Among them, those open to
 * everyone or to one of the teams (null: any team's).
 */
export interface ProxyAccess {
  proxyIds: ReadonlySet<ProxyId> | null;
  teamIds: ReadonlySet<TeamId> | null;
  /**
   * May be used in addition, independent of the teams: an application brings these to the users who call through it.
   */
  extraProxyIds?: ReadonlySet<ProxyId>;
}

export interface Caller {
  /** Name of the strategy that admitted the caller. */
  readonly method: string;
  readonly subject: Subject;
  readonly organizationId: OrgId;
  readonly scopes: ReadonlySet<string>;
  readonly permissions: ReadonlySet<Permission>;
  readonly keySource: KeySource;
  readonly proxyAccess: ProxyAccess;
  /** The team that every call is counted for, independent of the caller's teams; absent or null: none is named. */
  readonly payerTeamId?: TeamId | null;
  /** Model patterns that the credential itself is limited to; null: any model. */
  readonly allowedModels: readonly string[] | null;
  /** The stored credential's id, or a fingerprint if nothing is stored. Never a secret. */
  readonly credentialId: string;
  /** Unix milliseconds, compared strictly; null: never expires. */
  readonly expiresAt: number | null;
  /** Tags of the auth events that change or end this caller. */
  readonly tags: readonly string[];
}

/** The OAuth client that a caller is or calls through, if one is known. */
export function getClientId({ subject }: Caller): OAuthClientId | null {
  if (subject.type === 'app') return subject.id;
  return subject.type === 'user' ? subject.viaClient : null;
}

export const getVirtualKeyId = ({ subject }: Caller): VirtualKeyId | null =>
  subject.type === 'virtual-key' ? subject.id : null;

/** The user that a caller is or acts for, if one is known. */
export function getUserId(caller: Caller): UserId | null {
  const { subject } = caller;
  switch (subject.type) {
    case 'user':
      return subject.id;
    case 'virtual-key':
      return subject.ownerId;
    case 'admin-api-key':
      return subject.userId;
    default:
      return null;
  }
}

const NO_TEAMS: readonly TeamId[] = Object.freeze([]);

/**
 * The teams that a call is counted for: the one that pays for the credential, else those of a team's key, else the one
 * that the user chose for the call, else all of the user.
 */
export function getTeamIds({ payerTeamId, keySource, proxyAccess }: Caller): readonly TeamId[] {
  if (payerTeamId) return [payerTeamId];
  const { teamIds } = proxyAccess;
  if (teamIds === null || teamIds.size === 0) return NO_TEAMS;
  if (keySource.kind === 'member' && keySource.teamId !== null && teamIds.has(keySource.teamId))
    return [keySource.teamId];
  return [...teamIds];
}

/** Tags of auth events: `<kind>:<id>`. */
export const authTag = {
  organization: (id: string) => `organization:${id}`,
  user: (id: string) => `user:${id}`,
  customRole: (id: string) => `custom-role:${id}`,
  team: (id: string) => `team:${id}`,
  llmProxy: (id: string) => `llm-proxy:${id}`,
  /** Any LLM proxy of the organization was created, changed or deleted, or the default changed. */
  llmProxies: (organizationId: string) => `llm-proxies:${organizationId}`,
  providerKey: (id: string) => `provider-key:${id}`,
  /** The provider keys that an owner (user, team, organization) has. */
  providerKeysOf: (ownerId: string) => `provider-keys-of:${ownerId}`,
  virtualKey: (id: string) => `virtual-key:${id}`,
  adminApiKey: (id: string) => `admin-api-key:${id}`,
  modelPrices: (organizationId: string) => `model-prices:${organizationId}`,
  /** The organization's usage limits. */
  limits: (organizationId: string) => `limits:${organizationId}`,
  /** The organization's model aliases. */
  modelAliases: (organizationId: string) => `model-aliases:${organizationId}`,
  /** An OAuth client, by the id of its row. */
  oauthClient: (id: string) => `oauth-client:${id}`,
  /** One authorization of a client by a user, with all tokens issued on it. */
  oauthGrant: (id: string) => `oauth-grant:${id}`,
  /** One access token. */
  oauthToken: (id: string) => `oauth-token:${id}`,
  /** One sign-in of a browser. */
  browserSession: (id: string) => `browser-session:${id}`,
  /** Trust in an identity provider, with its links and bindings. */
  identityProvider: (id: string) => `identity-provider:${id}`,
  /** One key of an identity provider, by its key id in tokens: ends callers authenticated with that key. */
  identityProviderKey: (id: string, keyId: string) => `identity-provider-key:${id}:${keyId}`,
  /** The keys that sign ID tokens. */
  signingKeys: 'signing-keys:all',
} as const;
