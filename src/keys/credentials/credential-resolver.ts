/** Resolves a caller's key source and a provider to the one key that is used. This is decided only here. */
import { Injectable } from '@nestjs/common';
import { authTag, type Caller, type KeySource } from '../../auth/callers/caller.js';
import { isRefusal } from '../../auth/guard/principal-cache.js';
import { MembershipReader } from '../../orgs/users/membership.reader.js';
import { Clock } from '../../platform/time/clock.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { AuthEvents } from '../../platform/events/auth-events.js';
import { InvalidatedCache } from '../../platform/events/invalidated-cache.js';
import type { ProviderKeyId } from '../../platform/ids.js';
import type { ProviderAdapter, ProviderId } from '../../providers/contract/provider-adapter.js';
import { AccessTokens } from './access-tokens.js';
import { MemberKeysReader, type MemberKey } from './member-keys.reader.js';
import { ProviderKeyLookup, resolveProviderAddress, type OpenedKey } from './provider-key.lookup.js';
import type { UpstreamCredential } from './upstream-credential.js';

type MemberSource = Extract<KeySource, { kind: 'member' }>;
type KeyOwner = Pick<Caller, 'keySource' | 'organizationId'>;

const MEMBER_CACHE_SIZE = 50_000;

@Injectable()
export class CredentialResolver {
  readonly #memberKeys: InvalidatedCache<readonly MemberKey[]>;
  /** Addresses per provider for callers' own keys: fixed by the configuration, so not parsed per call. */
  readonly #publicAddresses = new Map<ProviderId, ReturnType<typeof resolveProviderAddress>>();

  constructor(
    private readonly providerKeys: ProviderKeyLookup,
    private readonly members: MemberKeysReader,
    private readonly memberships: MembershipReader,
    private readonly config: AppConfig,
    private readonly tokens: AccessTokens,
    events: AuthEvents,
    clock: Clock,
  ) {
    this.#memberKeys = new InvalidatedCache(events, clock, {
      max: MEMBER_CACHE_SIZE,
      staleSeconds: config.auth.staleSeconds,
      isRefusal,
    });
  }

  /**
   * Returns the credential for calling `adapter` on the caller's behalf; synchronously if everything is cached. Throws
   * `provider_not_mapped`, or `provider_key_unavailable` when the mapped key cannot be read or opened, or its access
   * token is refused.
   */
  resolve(caller: KeyOwner, adapter: ProviderAdapter): UpstreamCredential | Promise<UpstreamCredential> {
    const key = this.choose(caller, adapter);
    return key instanceof Promise
      ? key.then((chosen) => this.#obtainToken(chosen, adapter))
      : this.#obtainToken(key, adapter);
  }

  /**
   * Returns the credential for calling `adapter` with the stored key `id`, which a model alias chose. A caller must not
   * get a key that they could not use: a person must be entitled to it; a virtual key or an application must be mapped
   * to it or, if it is the organization's, to any key of that provider. Throws as `resolve` does.
   */
  async resolvePinned(caller: KeyOwner, adapter: ProviderAdapter, id: ProviderKeyId): Promise<UpstreamCredential> {
    return this.#obtainToken(await this.choosePinned(caller, adapter, id), adapter);
  }

  /**
   * Returns the key that `resolve` would use, as stored: without an access token, so that it may be unfit for sending.
   * Throws as `resolve` does.
   */
  choose(caller: KeyOwner, adapter: ProviderAdapter): UpstreamCredential | Promise<UpstreamCredential> {
    const source = caller.keySource;
    switch (source.kind) {
      case 'presented':
        return {
          ...this.#getPublicAddress(adapter),
          providerKeyId: null,
          secret: source.secret,
          extraHeaders: [],
        };
      case 'bound': {
        const id = source.keys.get(adapter.id);
        if (id === undefined) throw notMapped(adapter, 'This key has no mapping for it: an admin can add one.');
        const opened = this.providerKeys.open(id);
        return opened instanceof Promise
          ? opened.then((key) => checkKey(key, caller, adapter))
          : checkKey(opened, caller, adapter);
      }
      case 'member':
        return this.#chooseForMember(source, caller, adapter);
      case 'none':
        throw notMapped(adapter, 'This credential carries no provider keys.');
    }
  }

  /** Returns the key that `resolvePinned` would use, as `choose` does. */
  async choosePinned(caller: KeyOwner, adapter: ProviderAdapter, id: ProviderKeyId): Promise<UpstreamCredential> {
    const source = caller.keySource;
    const isOwn =
      source.kind === 'bound'
        ? source.keys.get(adapter.id) === id
        : source.kind === 'member' && (await this.#listMemberKeys(source)).some((key) => key.id === id);
    if (!isOwn && !(source.kind === 'bound' && source.keys.has(adapter.id))) throw notYours(adapter);
    const key = checkKey(await this.providerKeys.open(id), caller, adapter);
    if (!isOwn && key.scope !== 'org') throw notYours(adapter);
    return key;
  }

  /** Returns the providers that the caller has a key for. */
  async findReachableProviders(source: KeySource): Promise<ReadonlySet<ProviderId>> {
    switch (source.kind) {
      case 'bound':
        return new Set(source.keys.keys());
      case 'member':
        return new Set((await this.#listMemberKeys(source)).map((key) => key.provider));
      case 'presented':
      case 'none':
        return new Set();
    }
  }

  async #chooseForMember(
    source: MemberSource,
    caller: KeyOwner,
    adapter: ProviderAdapter,
  ): Promise<UpstreamCredential> {
    const key = (await this.#listMemberKeys(source)).find(({ provider }) => provider === adapter.id);
    if (!key) throw notMapped(adapter, 'You have no key for it: store one of your own, or ask a team admin.');
    return checkKey(await this.providerKeys.open(key.id), caller, adapter);
  }

  /** A credential that the caller brings is sent unchanged. */
  #obtainToken(key: UpstreamCredential, adapter: ProviderAdapter): UpstreamCredential | Promise<UpstreamCredential> {
    return key.providerKeyId === null ? key : this.tokens.obtain(key, adapter);
  }

  #getPublicAddress(adapter: ProviderAdapter): ReturnType<typeof resolveProviderAddress> {
    let address = this.#publicAddresses.get(adapter.id);
    if (!address) this.#publicAddresses.set(adapter.id, (address = resolveProviderAddress(adapter, this.config)));
    return address;
  }

  #listMemberKeys({ userId, teamId }: MemberSource): Promise<readonly MemberKey[]> {
    return this.#memberKeys.get(`${userId} ${teamId ?? ''}`, async () => {
      const membership = await this.memberships.findByUser(userId);
      if (!membership) throw new GatewayError('credential_invalid', 'This user no longer exists.');
      const teams = membership.teams.map((team) => team.id);
      if (teamId && !teams.includes(teamId)) {
        throw new GatewayError('team_not_allowed', 'You are not in the team that X-Archestra-Team-Id names.');
      }
      const owners = [userId, membership.organizationId, ...teams];
      return {
        value: await this.members.listByUser(userId, teamId),
        tags: [
          authTag.user(userId),
          authTag.organization(membership.organizationId),
          ...owners.map(authTag.providerKeysOf),
        ],
      };
    });
  }
}

/** Treats a binding to a key of another organization or provider as if the key were gone. */
function checkKey(key: OpenedKey, caller: KeyOwner, adapter: ProviderAdapter): OpenedKey {
  if (key.organizationId === caller.organizationId && key.provider === adapter.id) return key;
  throw new GatewayError(
    'provider_key_unavailable',
    'The stored provider key cannot be used. Ask your administrator to check it.',
    {
      internal: `provider key ${key.providerKeyId} belongs to another organization or provider`,
    },
  );
}

const notYours = (adapter: ProviderAdapter): GatewayError =>
  notMapped(adapter, 'You may not use the key that the model alias names.');

const notMapped = (adapter: ProviderAdapter, advice: string): GatewayError =>
  new GatewayError('provider_not_mapped', `This credential has no key for ${adapter.displayName}. ${advice}`);
