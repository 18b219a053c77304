/**
 * Checks the possible targets of a call and their keys, without sending a request to a provider or obtaining a token.
 */
import { Injectable } from '@nestjs/common';
import type { Caller } from '../../auth/callers/caller.js';
import { KEY_REASONS, type ConsideredKey, type KeyVerdict } from '../../keys/key-choice/evaluate-keys.js';
import { KeyChoiceReader } from '../../keys/key-choice/key-choice.reader.js';
import type { KeyScope } from '../../keys/credentials/member-keys.reader.js';
import { ProviderKeyVault, providerAddress } from '../../keys/credentials/provider-key-vault.js';
import { atServer } from '../../keys/credentials/upstream-server.js';
import type { LlmProxy } from '../../orgs/llm-proxies/policy/llm-proxy.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import type { ProviderKeyId } from '../../platform/ids.js';
import { modelRefusal } from '../../policy/access-rules/model.policy.js';
import type { ProviderAdapter } from '../../providers/contract/provider-adapter.js';
import type { ExplainedKeyView, ExplainedPlaceView } from './explain.dto.js';

export interface Place {
  adapter: ProviderAdapter;
  /** The provider's name of the model; null if the call names none. */
  model: string | null;
  /** The stored key that a model alias names. */
  pinned: ProviderKeyId | null;
}

/** A target with the result of its check. */
export interface Looked {
  keys: KeyVerdict[];
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
export class ExplainedPlaces {
  constructor(
    private readonly choice: KeyChoiceReader,
    private readonly vault: ProviderKeyVault,
    private readonly config: AppConfig,
  ) {}

  async look(place: Place, caller: Caller, proxy: LlmProxy): Promise<Looked> {
    const keys = await this.#keysFor(place, caller);
    const chosen = keys.find((key) => key.isChosen);
    const found = { keys, providerApiKeyId: chosen?.id ?? null, scope: chosen?.scope ?? undefined };
    try {
      checkPolicy(place, caller, proxy);
      return { ...found, server: await this.#checkKey(place, caller, chosen), refusal: null };
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      return { ...found, server: null, refusal: error };
    }
  }

  async #keysFor({ adapter, pinned }: Place, caller: Caller): Promise<KeyVerdict[]> {
    const keys = await this.choice.of(caller, adapter.id);
    if (pinned === null) return keys;
    const others = keys
      .filter(({ id }) => id !== pinned)
      .map((key) => (key.isChosen ? { ...key, isChosen: false, reason: 'alias_names_another' as const } : key));
    const key = keys.find(({ id }) => id === pinned) ?? (await this.choice.byId(pinned, caller.organisationId));
    if (!key || !mayBePinned(key, keys, caller)) return others;
    return [{ ...key, isChosen: true, reason: 'pinned_by_alias' }, ...others];
  }

  /** Returns the address of the server, for a key with several. Throws the error that the call would receive. */
  async #checkKey(place: Place, caller: Caller, chosen: KeyVerdict | undefined): Promise<string | null> {
    const { adapter, model, pinned } = place;
    if (caller.keySource.kind === 'presented') {
      providerAddress(adapter, this.config);
      return null;
    }
    if (!chosen) {
      const whose =
        pinned === null ? 'There is no key' : 'The key that the model alias names does not serve here: none';
      throw new GatewayError('provider_not_mapped', `${whose} for ${adapter.displayName} behind this credential.`);
    }
    const opened = await this.vault.open(chosen.id as ProviderKeyId);
    if (opened.organisationId !== caller.organisationId || opened.provider !== adapter.id)
      throw new GatewayError('provider_key_unavailable', 'The stored key is for something else, and cannot be used.');
    const { origin, basePath } = atServer(opened, adapter, model);
    return opened.servers && model !== null ? origin + basePath : null;
  }
}

function checkPolicy({ adapter, model }: Place, caller: Caller, proxy: LlmProxy): void {
  const refusal = model === null ? null : modelRefusal(adapter.id, model, caller, proxy);
  if (refusal) throw new GatewayError('policy_denied', refusal.detail, { reason: refusal.reason });
}

/**
 * Same rule as `CredentialResolver.resolvePinned`: the caller's own key, or the organization's if the credential has
 * any key of that provider.
 */
function mayBePinned(key: ConsideredKey, own: readonly KeyVerdict[], { keySource }: Caller): boolean {
  const serving = own.filter(({ reason }) => reason !== 'scope_not_resolved' && reason !== 'team_not_chosen');
  if (keySource.kind === 'member') return serving.some(({ id }) => id === key.id);
  if (keySource.kind !== 'bound') return false;
  const mapped = keySource.keys.get(key.provider);
  return mapped === key.id || (mapped !== undefined && key.scope === 'org');
}

export const toKeyView = ({ provider: _, ...key }: KeyVerdict): ExplainedKeyView => ({
  ...key,
  detail: KEY_REASONS[key.reason],
});

export function toPlaceView(
  { adapter, model }: Place,
  looked: Looked,
  rest: Pick<ExplainedPlaceView, 'priority' | 'weight' | 'share' | 'decision'>,
  heldUntil: number | null = null,
): ExplainedPlaceView {
  return {
    provider: adapter.id,
    model,
    ...rest,
    ...why(looked.refusal, heldUntil),
    providerApiKeyId: looked.providerApiKeyId,
    server: looked.server,
    keys: looked.keys.map(toKeyView),
  };
}

function why(refusal: GatewayError | null, heldUntil: number | null): Pick<ExplainedPlaceView, 'reason' | 'detail'> {
  if (refusal) return { reason: refusal.reason ?? refusal.code, detail: refusal.detail };
  if (heldUntil === null) return { reason: 'ok', detail: 'It can be used.' };
  const until = new Date(heldUntil).toISOString();
  return { reason: 'held_down', detail: `It failed just now: until ${until} those that work are tried before it.` };
}
