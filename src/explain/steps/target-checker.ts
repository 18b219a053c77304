/**
 * Checks the possible targets of a call and their keys, without sending a request to a provider or obtaining a token.
 */
import { Injectable } from '@nestjs/common';
import type { Caller } from '../../auth/callers/caller.js';
import { KEY_REASONS, type ConsideredKey, type KeyEvaluation } from '../../keys/key-choice/evaluate-keys.js';
import { KeyChoiceReader } from '../../keys/key-choice/key-choice.reader.js';
import type { KeyScope } from '../../keys/credentials/member-keys.reader.js';
import { ProviderKeyLookup, resolveProviderAddress } from '../../keys/credentials/provider-key.lookup.js';
import { selectServer } from '../../keys/credentials/upstream-server.js';
import type { LlmProxy } from '../../orgs/llm-proxies/policy/llm-proxy.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import type { ProviderKeyId } from '../../platform/ids.js';
import { findModelRefusal } from '../../policy/access-rules/model.policy.js';
import type { ProviderAdapter } from '../../providers/contract/provider-adapter.js';
import type { ExplainedKeyView, ExplainedPlaceView } from './explain.dto.js';

export interface CallTarget {
  adapter: ProviderAdapter;
  /** The provider's name of the model; null if the call names none. */
  model: string | null;
  /** The stored key that a model alias names. */
  pinned: ProviderKeyId | null;
}

/** A target with the result of its check. */
export interface CheckedTarget {
  keys: KeyEvaluation[];
  providerApiKeyId: string | null;
  /** Scope of the key; undefined for the key in the call. */
  scope: KeyScope | undefined;
  /**
   * The address of the server that receives the model's calls, for a key with several; null if the key has one address.
   */
  server: string | null;
  /** Why the target cannot be used; null if it can. */
  refusal: GatewayError | null;
}

@Injectable()
export class TargetChecker {
  constructor(
    private readonly choice: KeyChoiceReader,
    private readonly providerKeys: ProviderKeyLookup,
    private readonly config: AppConfig,
  ) {}

  async check(target: CallTarget, caller: Caller, proxy: LlmProxy): Promise<CheckedTarget> {
    const keys = await this.#evaluateKeys(target, caller);
    const chosen = keys.find((key) => key.isChosen);
    const found = { keys, providerApiKeyId: chosen?.id ?? null, scope: chosen?.scope ?? undefined };
    try {
      checkModelPolicy(target, caller, proxy);
      return { ...found, server: await this.#checkKey(target, caller, chosen), refusal: null };
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      return { ...found, server: null, refusal: error };
    }
  }

  async #evaluateKeys({ adapter, pinned }: CallTarget, caller: Caller): Promise<KeyEvaluation[]> {
    const keys = await this.choice.evaluate(caller, adapter.id);
    if (pinned === null) return keys;
    const others = keys
      .filter(({ id }) => id !== pinned)
      .map((key) => (key.isChosen ? { ...key, isChosen: false, reason: 'alias_names_another' as const } : key));
    const key = keys.find(({ id }) => id === pinned) ?? (await this.choice.findById(pinned, caller.organizationId));
    if (!key || !mayBePinned(key, keys, caller)) return others;
    return [{ ...key, isChosen: true, reason: 'pinned_by_alias' }, ...others];
  }

  /** Returns the address of the server, for a key with several. Throws the error that the call would receive. */
  async #checkKey(target: CallTarget, caller: Caller, chosen: KeyEvaluation | undefined): Promise<string | null> {
    const { adapter, model, pinned } = target;
    if (caller.keySource.kind === 'presented') {
      resolveProviderAddress(adapter, this.config);
      return null;
    }
    if (!chosen) {
      const { displayName } = adapter;
      throw new GatewayError(
        'provider_not_mapped',
        pinned === null
          ? `This credential has no key for ${displayName}.`
          : `The key that the model alias names is not a key for ${displayName} that this credential may use.`,
      );
    }
    const opened = await this.providerKeys.open(chosen.id as ProviderKeyId);
    if (opened.organizationId !== caller.organizationId || opened.provider !== adapter.id)
      throw new GatewayError(
        'provider_key_unavailable',
        'The stored key is for another provider or organization and cannot be used.',
      );
    const { origin, basePath } = selectServer(opened, adapter, model);
    return opened.servers && model !== null ? origin + basePath : null;
  }
}

function checkModelPolicy({ adapter, model }: CallTarget, caller: Caller, proxy: LlmProxy): void {
  const refusal = model === null ? null : findModelRefusal(adapter.id, model, caller, proxy);
  if (refusal) throw new GatewayError('policy_denied', refusal.detail, { reason: refusal.reason });
}

/**
 * Same rule as `CredentialResolver.resolvePinned`: the caller's own key, or the organization's if the credential has
 * any key of that provider.
 */
function mayBePinned(key: ConsideredKey, own: readonly KeyEvaluation[], { keySource }: Caller): boolean {
  const usableKeys = own.filter(({ reason }) => reason !== 'scope_not_resolved' && reason !== 'team_not_chosen');
  if (keySource.kind === 'member') return usableKeys.some(({ id }) => id === key.id);
  if (keySource.kind !== 'bound') return false;
  const mapped = keySource.keys.get(key.provider);
  return mapped === key.id || (mapped !== undefined && key.scope === 'org');
}

export const toKeyView = ({ provider: _, ...key }: KeyEvaluation): ExplainedKeyView => ({
  ...key,
  detail: KEY_REASONS[key.reason],
});

export function toTargetView(
  { adapter, model }: CallTarget,
  checked: CheckedTarget,
  rest: Pick<ExplainedPlaceView, 'priority' | 'weight' | 'share' | 'decision'>,
  coolingUntil: number | null = null,
): ExplainedPlaceView {
  return {
    provider: adapter.id,
    model,
    ...rest,
    ...describeRefusal(checked.refusal, coolingUntil),
    providerApiKeyId: checked.providerApiKeyId,
    server: checked.server,
    keys: checked.keys.map(toKeyView),
  };
}

function describeRefusal(
  refusal: GatewayError | null,
  coolingUntil: number | null,
): Pick<ExplainedPlaceView, 'reason' | 'detail'> {
  if (refusal) return { reason: refusal.reason ?? refusal.code, detail: refusal.detail };
  if (coolingUntil === null) return { reason: 'ok', detail: 'It can be used.' };
  const until = new Date(coolingUntil).toISOString();
  return { reason: 'held_down', detail: `It failed recently: until ${until}, working targets are tried before it.` };
}
