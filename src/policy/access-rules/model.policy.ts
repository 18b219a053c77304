/**
 * Checks one request against the rules of an LLM proxy and of a credential. Pure: passes, or throws an error with the
 * reason.
 */
import type { Caller } from '../../auth/callers/caller.js';
import type { LlmProxy } from '../../orgs/llm-proxies/policy/llm-proxy.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { matchesModel } from '../../providers/prices/model-patterns.js';
import type { OperationClass, RoutedOperation } from '../../providers/contract/provider-adapter.js';

const ALWAYS_ALLOWED: ReadonlySet<OperationClass> = new Set(['inference', 'token_counting', 'model_listing']);
const MODEL_CLASSES: ReadonlySet<OperationClass> = new Set(['inference', 'token_counting']);

/**
 * Throws `operation_not_allowed` if a stored key may not be used for the operation. The caller's own key may do
 * everything that its provider permits.
 */
export function checkOperation({ rule }: RoutedOperation, caller: Caller, proxy: LlmProxy): void {
  if (caller.keySource.kind === 'presented' || ALWAYS_ALLOWED.has(rule.class)) return;
  if (rule.class !== 'administration' && proxy.policy.allowedOperations?.includes(rule.class)) return;
  throw new GatewayError(
    'operation_not_allowed',
    rule.class === 'administration'
      ? 'Stored keys cannot be used for account administration. Use your own provider key.'
      : `Stored keys may not be used on this path (${rule.class}). An admin can add "${rule.class}" to policy.allowedOperations of the LLM proxy "${proxy.name}".`,
  );
}

export interface ModelRequest {
  provider: string;
  /** Null if the request names no model, or names it where it cannot be read. */
  model: string | null;
  /** Models that the vendor may use instead; each must pass too. */
  otherModels: readonly string[];
  maxOutputTokens: number | null;
}

/**
 * Throws `policy_denied` if the proxy or the credential does not allow the model, or the proxy not the number of output
 * tokens.
 */
export function checkModel(request: ModelRequest, { rule }: RoutedOperation, caller: Caller, proxy: LlmProxy): void {
  const { allowedModels, deniedModels, maxOutputTokens } = proxy.policy;
  if (MODEL_CLASSES.has(rule.class) && (allowedModels || deniedModels || caller.allowedModels)) {
    if (request.model === null)
      throw denied('The request names no model that can be checked, and models are restricted here.');
    for (const model of [request.model, ...request.otherModels])
      checkSingleModel(request.provider, model, caller, proxy);
  }
  if (maxOutputTokens !== undefined && request.maxOutputTokens !== null && request.maxOutputTokens > maxOutputTokens) {
    throw denied(`At most ${maxOutputTokens} output tokens may be requested on the LLM proxy "${proxy.name}".`);
  }
}

function checkSingleModel(provider: string, model: string, caller: Caller, proxy: LlmProxy): void {
  const refusal = findModelRefusal(provider, model, caller, proxy);
  if (refusal !== null) throw denied(refusal.detail, refusal.reason);
}

export interface ModelRefusal {
  /** Stable: `model_denied`, `model_not_allowed`, `model_not_allowed_by_key`. */
  reason: string;
  detail: string;
}

/** Returns why the proxy or the credential does not allow the model; null if both allow it. */
export function findModelRefusal(
  provider: string,
  model: string,
  caller: Pick<Caller, 'allowedModels'>,
  proxy: Pick<LlmProxy, 'name' | 'policy'>,
): ModelRefusal | null {
  const { allowedModels, deniedModels } = proxy.policy;
  if (deniedModels && matchesModel(deniedModels, provider, model)) {
    return { reason: 'model_denied', detail: `The model ${model} is denied on the LLM proxy "${proxy.name}".` };
  }
  if (allowedModels && !matchesModel(allowedModels, provider, model)) {
    const detail = `The model ${model} is not among those allowed on the LLM proxy "${proxy.name}".`;
    return { reason: 'model_not_allowed', detail };
  }
  if (caller.allowedModels && !matchesModel(caller.allowedModels, provider, model)) {
    const detail = `The model ${model} is not among those that this key may use.`;
    return { reason: 'model_not_allowed_by_key', detail };
  }
  return null;
}

const denied = (detail: string, reason?: string): GatewayError =>
  new GatewayError('policy_denied', detail, reason === undefined ? {} : { reason });
