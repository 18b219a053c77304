/**
 * Lists the models that a credential reaches: those of each provider that it has a key for, and the organization's
 * aliases.
 */
import { Injectable } from '@nestjs/common';
import type { Caller } from '../../auth/callers/caller.js';
import { CredentialResolver } from '../../keys/credentials/credential-resolver.js';
import type { LlmProxy } from '../../orgs/llm-proxies/policy/llm-proxy.js';
import type { ErrorCode } from '../../platform/errors/error-catalog.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { findModelRefusal } from '../../policy/access-rules/model.policy.js';
import type { ProviderAdapter, ProviderId } from '../../providers/contract/provider-adapter.js';
import { findProvider, PROVIDERS } from '../../providers/registry.js';
import { formatTargetName, type AliasTarget, type ModelAlias } from '../aliases/alias.js';
import { ModelAliasLookup } from '../aliases/model-alias.lookup.js';
import type { QualifiedModel } from '../aliases/qualified-model.js';
import { waitAtMost } from './bounded-wait.js';
import { ProviderModels } from './provider-models.js';

/** A model as callers of the router name it. */
export interface CatalogModel {
  /** `openai:gpt-5.4`, or the name of an alias. */
  readonly id: string;
  /** Null for an alias. */
  readonly provider: ProviderId | null;
  /** Model id as the provider names it; for an alias, its name. */
  readonly model: string;
  /** Unix seconds. 0: unknown. */
  readonly created: number;
  /** The provider's id, or `gatehouse` for an alias. */
  readonly ownedBy: string;
  readonly displayName?: string;
}

type CatalogCaller = Pick<Caller, 'keySource' | 'organizationId' | 'allowedModels'>;
type ProxyRules = Pick<LlmProxy, 'name' | 'policy'>;

/** OpenRouter with everything else has about 1,500. */
const MAX_LISTED_MODELS = 10_000;
const ALIAS_OWNER = 'gatehouse';

/** Errors that make one provider unavailable and say nothing about the others. */
const OUT_OF_REACH = new Set<ErrorCode>([
  'provider_not_mapped',
  'provider_key_unavailable',
  'upstream_unreachable',
  'upstream_timeout',
]);

/** Time that a list waits for the slowest provider. */
const WAIT_MS = 2_000;

@Injectable()
export class ModelCatalog {
  constructor(
    private readonly resolver: CredentialResolver,
    private readonly aliases: ModelAliasLookup,
    private readonly providerModels: ProviderModels,
  ) {}

  /**
   * Returns the models that the caller may call through this proxy: by provider, in the provider's order, then the
   * aliases by name. A provider that is slow or down is left out if it never listed its models, and appears as soon as
   * it has responded. Throws as `CredentialResolver.resolve` does, except for errors that concern a single provider.
   */
  async list(caller: CatalogCaller, proxy: ProxyRules): Promise<CatalogModel[]> {
    const providers = await this.#listReachableProviders(caller);
    const [aliases, ...listed] = await Promise.all([
      this.#listAliases(caller, proxy, providers),
      ...providers.map((adapter) => this.#listProviderModels(adapter, caller, proxy)),
    ]);
    return [...listed.flat().slice(0, MAX_LISTED_MODELS), ...aliases];
  }

  /**
   * Resolves a name without a provider to a model of the only provider that the caller reaches. Returns null when the
   * caller reaches no provider, or several.
   */
  async find(caller: Pick<Caller, 'keySource'>, model: string): Promise<QualifiedModel | null> {
    const [provider, another] = await this.#listReachableProviders(caller);
    return provider && !another && model !== '' ? { provider, model } : null;
  }

  /** Returns the reachable providers in the registry's order, so that a list does not change from call to call. */
  async #listReachableProviders({ keySource }: Pick<Caller, 'keySource'>): Promise<ProviderAdapter[]> {
    const reachable = await this.resolver.findReachableProviders(keySource);
    return PROVIDERS.filter(({ id }) => reachable.has(id));
  }

  async #listProviderModels(
    adapter: ProviderAdapter,
    caller: CatalogCaller,
    proxy: ProxyRules,
  ): Promise<CatalogModel[]> {
    const models = await resolveIfReachable(async () =>
      this.providerModels.list(adapter, await this.resolver.resolve(caller, adapter)),
    );
    const allowed = (models ?? []).filter(({ model }) => findModelRefusal(adapter.id, model, caller, proxy) === null);
    return allowed.map((listed) => ({
      ...listed,
      id: formatTargetName({ provider: adapter.id, model: listed.model }),
      provider: adapter.id,
      ownedBy: adapter.id,
    }));
  }

  async #listAliases(
    caller: CatalogCaller,
    proxy: ProxyRules,
    providers: readonly ProviderAdapter[],
  ): Promise<CatalogModel[]> {
    const aliases = [...(await this.aliases.list(caller.organizationId)).values()];
    const reached = await Promise.all(aliases.map((alias) => this.#canReachAlias(alias, caller, proxy, providers)));
    return aliases
      .filter((_, i) => reached[i])
      .map(({ name, createdAt }) => ({
        id: name,
        provider: null,
        model: name,
        created: Math.floor(createdAt / 1000),
        ownedBy: ALIAS_OWNER,
      }));
  }

  async #canReachAlias(
    alias: ModelAlias,
    caller: CatalogCaller,
    proxy: ProxyRules,
    providers: readonly ProviderAdapter[],
  ): Promise<boolean> {
    const candidates = alias.targets.filter(
      ({ provider, model }) =>
        providers.some(({ id }) => id === provider) && findModelRefusal(provider, model, caller, proxy) === null,
    );
    return (await Promise.all(candidates.map((target) => this.#canReachTarget(target, caller)))).includes(true);
  }

  async #canReachTarget({ provider, providerApiKeyId }: AliasTarget, caller: CatalogCaller): Promise<boolean> {
    const adapter = findProvider(provider)!;
    const key = await resolveIfReachable(async () =>
      providerApiKeyId === null
        ? this.resolver.resolve(caller, adapter)
        : this.resolver.resolvePinned(caller, adapter, providerApiKeyId),
    );
    return key !== null;
  }
}

/** Returns null when the one provider concerned is unavailable, or does not respond in time. */
async function resolveIfReachable<T>(resolve: () => Promise<T>): Promise<T | null> {
  try {
    return await waitAtMost(WAIT_MS, resolve());
  } catch (error) {
    if (error instanceof GatewayError && OUT_OF_REACH.has(error.code)) return null;
    throw error;
  }
}
