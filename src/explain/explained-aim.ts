/** From what a call asks for to the places where it may go, in the order of trying, as the Model Router would have it. */
import { Injectable } from '@nestjs/common';
import type { Caller } from '../auth/caller.js';
import type { KeyScope } from '../keys/member-keys.reader.js';
import type { LlmProxy } from '../orgs/llm-proxy-policy.js';
import { GatewayError } from '../platform/errors/gateway-error.js';
import { findProvider } from '../providers/registry.js';
import { mayGoOnWith, type AliasTarget, type ModelAlias } from '../router/aliases/alias.js';
import { ModelAliases } from '../router/aliases/model-aliases.js';
import { qualifiedModel } from '../router/aliases/qualified-model.js';
import { ModelCatalogue } from '../router/catalogue/model-catalogue.js';
import type { ExplainedPlaceView } from './explain.dto.js';
import { ExplainedPlaces, toPlaceView, type Looked, type Place } from './explained-places.js';

export interface Aim {
  modelAlias: string | null;
  places: ExplainedPlaceView[];
  /** Why the call goes nowhere; null: it goes somewhere. */
  refusal: GatewayError | null;
}

type Target = AliasTarget & { place: Place };

@Injectable()
export class ExplainedAim {
  constructor(
    private readonly aliases: ModelAliases,
    private readonly catalogue: ModelCatalogue,
    private readonly places: ExplainedPlaces,
  ) {}

  /** On a provider's route. */
  atProvider(provider: string, model: string | null, caller: Caller, proxy: LlmProxy): Promise<Aim> {
    return this.#single({ adapter: findProvider(provider)!, model, pinned: null }, caller, proxy);
  }

  /** On the Model Router. Throws `model_not_found`. */
  async atRouter(name: string, caller: Caller, proxy: LlmProxy): Promise<Aim> {
    const alias = await this.aliases.find(caller.organisationId, name);
    if (alias) return this.#ofAlias(alias, caller, proxy);
    const found = qualifiedModel(name) ?? (await this.catalogue.find(caller, name));
    if (found) return this.#single({ adapter: found.provider, model: found.model, pinned: null }, caller, proxy);
    throw new GatewayError(
      'model_not_found',
      'The name says no provider, is no alias, and the credential does not reach exactly one provider.',
    );
  }

  async #single(place: Place, caller: Caller, proxy: LlmProxy): Promise<Aim> {
    const looked = await this.places.look(place, caller, proxy);
    const decision = looked.refusal ? 'passed_over' : 'first';
    const view = toPlaceView(place, looked, { priority: null, weight: null, share: looked.refusal ? 0 : 1, decision });
    return { modelAlias: null, places: [view], refusal: looked.refusal };
  }

  async #ofAlias(alias: ModelAlias, caller: Caller, proxy: LlmProxy): Promise<Aim> {
    const targets = targetsOf(alias);
    const scopes: KeyScope[] = [];
    const seen: { target: Target; looked: Looked }[] = [];
    let usable = 0;
    for (const target of targets) {
      let looked = await this.places.look(target.place, caller, proxy);
      if (!looked.refusal && looked.scope && !mayGoOnWith(alias, scopes, looked.scope))
        looked = refused(looked, crossing);
      if (!looked.refusal && usable === alias.maxAttempts) looked = refused(looked, enough);
      if (!looked.refusal) {
        usable++;
        if (looked.scope) scopes.push(looked.scope);
      }
      seen.push({ target, looked });
    }
    const places = seen.map(({ target, looked }) => toPlaceView(target.place, looked, standing(target, looked, seen)));
    const first = seen.find(({ looked }) => looked.refusal)?.looked.refusal;
    const nowhere = (): GatewayError =>
      new GatewayError('model_not_found', `The model alias "${alias.name}" leads nowhere.`);
    return { modelAlias: alias.name, places, refusal: usable > 0 ? null : (first ?? nowhere()) };
  }
}

/** Lowest step first; within a step the heaviest, for the lot is not cast here. */
function targetsOf({ targets }: ModelAlias): Target[] {
  return targets
    .flatMap((target) => {
      const adapter = findProvider(target.provider);
      return adapter ? [{ ...target, place: { adapter, model: target.model, pinned: target.providerApiKeyId } }] : [];
    })
    .sort((a, b) => a.priority - b.priority || b.weight - a.weight);
}

function standing(
  { priority, weight }: Target,
  looked: Looked,
  all: readonly { target: Target; looked: Looked }[],
): Pick<ExplainedPlaceView, 'priority' | 'weight' | 'share' | 'decision'> {
  if (looked.refusal) return { priority, weight, share: 0, decision: 'passed_over' };
  const usable = all.filter((other) => !other.looked.refusal);
  const weights = usable.filter(({ target }) => target.priority === priority).map(({ target }) => target.weight);
  const decision = usable[0]!.target.priority === priority ? 'first' : 'fallback';
  return { priority, weight, share: weight / weights.reduce((sum, each) => sum + each, 0), decision };
}

const refused = (looked: Looked, why: () => GatewayError): Looked => ({ ...looked, refusal: why() });

const crossing = (): GatewayError =>
  new GatewayError('provider_not_mapped', 'The alias does not go on from a personal key to one that others pay for.', {
    reason: 'crosses_key_owners',
  });

const enough = (): GatewayError =>
  new GatewayError('provider_not_mapped', 'The alias allows no more attempts for one call.', {
    reason: 'attempts_used_up',
  });
