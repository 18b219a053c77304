/** Finds the targets of a call by the model's name in the request, in the order in which they are tried. */
import { Injectable } from '@nestjs/common';
import type { Caller } from '../../auth/callers/caller.js';
import { CredentialResolver } from '../../keys/credentials/credential-resolver.js';
import type { KeyScope } from '../../keys/credentials/member-keys.reader.js';
import type { UpstreamCredential } from '../../keys/credentials/upstream-credential.js';
import type { LlmProxy } from '../../orgs/llm-proxies/policy/llm-proxy.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { checkModel } from '../../policy/access-rules/model.policy.js';
import { plainModelName } from '../../providers/dialects/gemini/model-names.js';
import { findProvider } from '../../providers/registry.js';
import type { ProviderAdapter, RoutedOperation } from '../../providers/contract/provider-adapter.js';
import type { Attempt } from '../../usage/recording/interaction-record.js';
import { attemptOrder, mayGoOnWith, type ModelAlias } from '../aliases/alias.js';
import { ModelAliases } from '../aliases/model-alias.lookup.js';
import { qualifiedModel } from '../aliases/qualified-model.js';
import { ModelCatalogue } from '../catalog/model-catalog.js';
import { HeldPlaces } from './target-cooldown.js';
import { attemptAt, placeOf, type Candidate } from './model-route.js';

/** Targets of an alias are checked against policy as a call for inference, which all calls of the router are. */
const INFERENCE: RoutedOperation = {
  rule: { method: 'POST', path: /^/, operation: 'chat', class: 'inference', metered: true },
  pathModel: null,
};

/** Error codes that skip a target of an alias, as if it did not exist for this caller. */
const PASSED_OVER = new Set(['policy_denied', 'provider_not_mapped', 'provider_key_unavailable']);

export interface Candidates {
  readonly candidates: readonly Candidate[];
  readonly passedOver: readonly Attempt[];
}

@Injectable()
export class CandidateFinder {
  constructor(
    private readonly aliases: ModelAliases,
    private readonly catalogue: ModelCatalogue,
    private readonly credentials: CredentialResolver,
    private readonly held: HeldPlaces,
  ) {}

  /**
   * Returns at least one candidate. Throws `model_not_found` for a name that is neither an alias nor names a provider,
   * and the first reason where this caller reaches none of an alias's targets.
   */
  async find(name: string, caller: Caller, proxy: LlmProxy): Promise<Candidates> {
    const alias = await this.aliases.find(caller.organisationId, name);
    if (alias) return this.#ofAlias(alias, caller, proxy);
    const qualified = qualifiedModel(name);
    if (qualified) return only(qualified.provider, qualified.model);
    return this.#bare(name, caller);
  }

  /** Resolves a model's name without a provider, which is enough where the credential reaches exactly one provider. */
  async #bare(model: string, caller: Caller): Promise<Candidates> {
    const found = await this.catalogue.find(caller, model);
    if (found) return only(found.provider, model);
    const example = `openai:${model}`;
    throw new GatewayError(
      'model_not_found',
      `There is no model "${shortened(model)}" here. Say the provider too, as in "${shortened(example)}"; GET models lists what this credential reaches.`,
    );
  }

  async #ofAlias(alias: ModelAlias, caller: Caller, proxy: LlmProxy): Promise<Candidates> {
    const candidates: Candidate[] = [];
    const passedOver: Attempt[] = [];
    const scopes: KeyScope[] = [];
    let firstReason: GatewayError | null = null;
    const most = this.held.isEmpty ? alias.maxAttempts : alias.targets.length;
    for (const target of attemptOrder(alias.targets)) {
      const adapter = findProvider(target.provider);
      if (!adapter || candidates.length === most) continue;
      const asked = { adapter, model: ownName(adapter, target.model), providerKeyId: target.providerApiKeyId };
      try {
        const { scope, providerKeyId: usedKeyId } = await this.usable(asked, caller, proxy);
        if (scope !== undefined && !mayGoOnWith(alias, scopes, scope)) throw crossing(alias);
        if (scope !== undefined) scopes.push(scope);
        candidates.push({ ...asked, usedKeyId });
      } catch (error) {
        if (!(error instanceof GatewayError) || !PASSED_OVER.has(error.code)) throw error;
        firstReason ??= error;
        passedOver.push(attemptAt(asked, error.code));
      }
    }
    // The alias's own order decides which key may follow which: no key is skipped because it is busy.
    const order = this.held.heldLast(candidates, placeOf).slice(0, alias.maxAttempts);
    if (order.length > 0) return { candidates: order, passedOver };
    throw (
      firstReason ?? new GatewayError('model_not_found', `The model alias "${alias.name}" leads nowhere at present.`)
    );
  }

  /** Returns the key that the call would use; it is not fetched yet. Throws the reason why the call cannot be made. */
  usable(
    { adapter, model, providerKeyId }: Omit<Candidate, 'usedKeyId'>,
    caller: Caller,
    proxy: LlmProxy,
  ): UpstreamCredential | Promise<UpstreamCredential> {
    checkModel({ provider: adapter.id, model, otherModels: [], maxOutputTokens: null }, INFERENCE, caller, proxy);
    return providerKeyId === null
      ? this.credentials.choose(caller, adapter)
      : this.credentials.choosePinned(caller, adapter, providerKeyId);
  }
}

const only = (adapter: ProviderAdapter, model: string): Candidates => ({
  candidates: [{ adapter, model: ownName(adapter, model), providerKeyId: null, usedKeyId: null }],
  passedOver: [],
});

/** Removes `models/`: policies, limits and prices know Google's models without that prefix. */
const ownName = ({ dialect }: ProviderAdapter, model: string): string =>
  dialect === 'gemini' ? plainModelName(model) : model;

const crossing = (alias: ModelAlias): GatewayError =>
  new GatewayError(
    'provider_not_mapped',
    `The model alias "${alias.name}" does not go on from a personal key to one that others pay for.`,
  );

const shortened = (text: string): string => (text.length > 100 ? `${text.slice(0, 100)}…` : text);
