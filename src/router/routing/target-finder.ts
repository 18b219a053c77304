/** Finds the targets of a call by the model's name in the request, in the order in which they are tried. */
import { Injectable } from '@nestjs/common';
import type { Caller } from '../../auth/callers/caller.js';
import { CredentialResolver } from '../../keys/credentials/credential-resolver.js';
import type { KeyScope } from '../../keys/credentials/member-keys.reader.js';
import type { UpstreamCredential } from '../../keys/credentials/upstream-credential.js';
import type { LlmProxy } from '../../orgs/llm-proxies/policy/llm-proxy.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { checkModel } from '../../policy/access-rules/model.policy.js';
import { getDialect } from '../../providers/dialects/registry.js';
import { findProvider } from '../../providers/registry.js';
import type { ProviderAdapter, RoutedOperation } from '../../providers/contract/provider-adapter.js';
import type { Attempt } from '../../usage/recording/interaction-record.js';
import { orderAttempts, mayContinueWith, type ModelAlias } from '../aliases/alias.js';
import { ModelAliasLookup } from '../aliases/model-alias.lookup.js';
import { parseQualifiedModel } from '../aliases/qualified-model.js';
import { ModelCatalog } from '../catalog/model-catalog.js';
import { TargetCooldown } from './target-cooldown.js';
import { toAttempt, toCooldownKey, type RouteTarget } from './model-route.js';

/** Targets of an alias are checked against policy as a call for inference, which all calls of the router are. */
const INFERENCE: RoutedOperation = {
  rule: { method: 'POST', path: /^/, operation: 'chat', class: 'inference', metered: true },
  pathModel: null,
};

/** Error codes that skip a target of an alias, as if it did not exist for this caller. */
const SKIPPING = new Set(['policy_denied', 'provider_not_mapped', 'provider_key_unavailable']);

export interface RouteTargets {
  readonly targets: readonly RouteTarget[];
  readonly skipped: readonly Attempt[];
}

@Injectable()
export class TargetFinder {
  constructor(
    private readonly aliases: ModelAliasLookup,
    private readonly catalog: ModelCatalog,
    private readonly credentials: CredentialResolver,
    private readonly cooldown: TargetCooldown,
  ) {}

  /**
   * Returns at least one candidate. Throws `model_not_found` for a name that is neither an alias nor names a provider,
   * and the first reason where this caller reaches none of an alias's targets.
   */
  async find(name: string, caller: Caller, proxy: LlmProxy): Promise<RouteTargets> {
    const alias = await this.aliases.find(caller.organizationId, name);
    if (alias) return this.#findByAlias(alias, caller, proxy);
    const qualified = parseQualifiedModel(name);
    if (qualified) return toOnlyTarget(qualified.provider, qualified.model);
    return this.#findByModelName(name, caller);
  }

  /** Resolves a model's name without a provider, which is enough where the credential reaches exactly one provider. */
  async #findByModelName(model: string, caller: Caller): Promise<RouteTargets> {
    const found = await this.catalog.find(caller, model);
    if (found) return toOnlyTarget(found.provider, model);
    const example = `openai:${model}`;
    throw new GatewayError(
      'model_not_found',
      `The model "${shorten(model)}" is not known here. Name the provider too, as in "${shorten(example)}"; GET models lists what this credential reaches.`,
    );
  }

  async #findByAlias(alias: ModelAlias, caller: Caller, proxy: LlmProxy): Promise<RouteTargets> {
    const routeTargets: RouteTarget[] = [];
    const skipped: Attempt[] = [];
    const scopes: KeyScope[] = [];
    let firstReason: GatewayError | null = null;
    const maxTargets = this.cooldown.isEmpty ? alias.maxAttempts : alias.targets.length;
    for (const target of orderAttempts(alias.targets)) {
      const adapter = findProvider(target.provider);
      if (!adapter || routeTargets.length === maxTargets) continue;
      const resolved = { adapter, model: toOwnName(adapter, target.model), providerKeyId: target.providerApiKeyId };
      try {
        const { scope, providerKeyId: usedKeyId } = await this.chooseKey(resolved, caller, proxy);
        if (scope !== undefined && !mayContinueWith(alias, scopes, scope)) throw createKeyOwnerError(alias);
        if (scope !== undefined) scopes.push(scope);
        routeTargets.push({ ...resolved, usedKeyId });
      } catch (error) {
        if (!(error instanceof GatewayError) || !SKIPPING.has(error.code)) throw error;
        firstReason ??= error;
        skipped.push(toAttempt(resolved, error.code));
      }
    }
    // The alias's own order decides which key may follow which: no key is skipped because it is busy.
    const order = this.cooldown.orderCoolingLast(routeTargets, toCooldownKey).slice(0, alias.maxAttempts);
    if (order.length > 0) return { targets: order, skipped: skipped };
    throw (
      firstReason ??
      new GatewayError(
        'model_not_found',
        `The model alias "${alias.name}" has no target that can be used at the moment.`,
      )
    );
  }

  /** Returns the key that the call would use; it is not fetched yet. Throws the reason why the call cannot be made. */
  chooseKey(
    { adapter, model, providerKeyId }: Omit<RouteTarget, 'usedKeyId'>,
    caller: Caller,
    proxy: LlmProxy,
  ): UpstreamCredential | Promise<UpstreamCredential> {
    checkModel({ provider: adapter.id, model, otherModels: [], maxOutputTokens: null }, INFERENCE, caller, proxy);
    return providerKeyId === null
      ? this.credentials.choose(caller, adapter)
      : this.credentials.choosePinned(caller, adapter, providerKeyId);
  }
}

const toOnlyTarget = (adapter: ProviderAdapter, model: string): RouteTargets => ({
  targets: [{ adapter, model: toOwnName(adapter, model), providerKeyId: null, usedKeyId: null }],
  skipped: [],
});

const toOwnName = ({ dialect }: ProviderAdapter, model: string): string =>
  getDialect(dialect).normalizeModel?.(model) ?? model;

const createKeyOwnerError = (alias: ModelAlias): GatewayError =>
  new GatewayError(
    'provider_not_mapped',
    `The model alias "${alias.name}" does not fail over from a personal key to one that others pay for.`,
  );

const shorten = (text: string): string => (text.length > 100 ? `${text.slice(0, 100)}…` : text);
