/** Resolves a requested model to its possible targets, in the order in which the Model Router tries them. */
import { Injectable } from '@nestjs/common';
import type { Caller } from '../../auth/callers/caller.js';
import type { KeyScope } from '../../keys/credentials/member-keys.reader.js';
import type { LlmProxy } from '../../orgs/llm-proxies/policy/llm-proxy.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import type { ProviderKeyId } from '../../platform/ids.js';
import { findProvider } from '../../providers/registry.js';
import { mayGoOnWith, type AliasTarget, type ModelAlias } from '../../router/aliases/alias.js';
import { ModelAliases } from '../../router/aliases/model-alias.lookup.js';
import { qualifiedModel } from '../../router/aliases/qualified-model.js';
import { ModelCatalogue } from '../../router/catalog/model-catalog.js';
import { HeldPlaces, type Place as HeldPlace } from '../../router/routing/target-cooldown.js';
import type { ExplainedPlaceView } from './explain.dto.js';
import { ExplainedPlaces, toPlaceView, type Looked, type Place } from './target-checker.js';

export interface Aim {
  modelAlias: string | null;
  places: ExplainedPlaceView[];
  /** Why the call has no target; null if it has one. */
  refusal: GatewayError | null;
}

type Target = AliasTarget & { place: Place };

interface Seen {
  target: Target;
  looked: Looked;
  /** End of the cooldown in Unix milliseconds; null if the target is not in cooldown. */
  heldUntil: number | null;
}

@Injectable()
export class ExplainedAim {
  constructor(
    private readonly aliases: ModelAliases,
    private readonly catalogue: ModelCatalogue,
    private readonly places: ExplainedPlaces,
    private readonly held: HeldPlaces,
  ) {}

  /** Targets of a call on a provider's route. */
  atProvider(provider: string, model: string | null, caller: Caller, proxy: LlmProxy): Promise<Aim> {
    return this.#single({ adapter: findProvider(provider)!, model, pinned: null }, caller, proxy);
  }

  /** Targets of a call on the Model Router. Throws `model_not_found`. */
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
    const scopes: KeyScope[] = [];
    const inOrder: Seen[] = [];
    for (const target of targetsOf(alias)) {
      let looked = await this.places.look(target.place, caller, proxy);
      if (!looked.refusal && looked.scope && !mayGoOnWith(alias, scopes, looked.scope))
        looked = refused(looked, crossing);
      if (!looked.refusal && looked.scope) scopes.push(looked.scope);
      inOrder.push({ target, looked, heldUntil: looked.refusal ? null : this.held.until(heldPlace(target, looked)) });
    }
    let usable = 0;
    const seen = heldLast(inOrder).map((each) => {
      if (each.looked.refusal || usable++ < alias.maxAttempts) return each;
      return { ...each, looked: refused(each.looked, enough) };
    });
    const places = seen.map((each) =>
      toPlaceView(each.target.place, each.looked, standing(each, seen), each.heldUntil),
    );
    const first = seen.find(({ looked }) => looked.refusal)?.looked.refusal;
    const nowhere = (): GatewayError =>
      new GatewayError('model_not_found', `The model alias "${alias.name}" leads nowhere.`);
    return { modelAlias: alias.name, places, refusal: usable > 0 ? null : (first ?? nowhere()) };
  }
}

/** Returns targets by ascending step, and by descending weight within a step, as nothing is drawn at random here. */
function targetsOf({ targets }: ModelAlias): Target[] {
  return targets
    .flatMap((target) => {
      const adapter = findProvider(target.provider);
      return adapter ? [{ ...target, place: { adapter, model: target.model, pinned: target.providerApiKeyId } }] : [];
    })
    .sort((a, b) => a.priority - b.priority || b.weight - a.weight);
}

/**
 * Sorts as `HeldPlaces.heldLast` does, considering only usable targets; skipped ones without a cooldown keep their
 * order.
 */
function heldLast(all: readonly Seen[]): readonly Seen[] {
  const works = all.some(({ looked, heldUntil }) => !looked.refusal && heldUntil === null);
  if (!works) return all;
  return [...all.filter(({ heldUntil }) => heldUntil === null), ...all.filter(({ heldUntil }) => heldUntil !== null)];
}

const heldPlace = ({ place: { adapter, model } }: Target, { providerApiKeyId }: Looked): HeldPlace => ({
  provider: adapter.id,
  model: model!,
  providerKeyId: providerApiKeyId as ProviderKeyId | null,
});

function standing(
  { target: { priority, weight }, looked, heldUntil }: Seen,
  all: readonly Seen[],
): Pick<ExplainedPlaceView, 'priority' | 'weight' | 'share' | 'decision'> {
  if (looked.refusal) return { priority, weight, share: 0, decision: 'passed_over' };
  const usable = all.filter((other) => !other.looked.refusal);
  const first = usable[0]!;
  // Targets in cooldown take part in the random choice only if all are in cooldown.
  const isLate = heldUntil !== null && first.heldUntil === null;
  if (isLate) return { priority, weight, share: 0, decision: 'fallback' };
  const peers = usable.filter(
    (other) => other.target.priority === priority && (first.heldUntil !== null || other.heldUntil === null),
  );
  const sum = peers.reduce((total, { target }) => total + target.weight, 0);
  const decision = first.target.priority === priority ? 'first' : 'fallback';
  return { priority, weight, share: weight / sum, decision };
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
