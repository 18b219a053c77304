/** Compiles the guardrails of an LLM proxy. */
import {
  isWebhookGuardrail,
  type DetectingGuardrail,
  type Guardrail,
  type GuardrailAction,
  type WebhookGuardrail,
} from '../../../orgs/llm-proxies/policy/guardrail.js';
import type { LlmProxyPolicy } from '../../../orgs/llm-proxies/policy/llm-proxy.js';
import type { Detector } from '../../../detectors/detector.js';
import { getDetector } from '../../../detectors/registry.js';

export interface Rule {
  readonly name: string;
  readonly action: GuardrailAction;
  readonly detector: Detector;
}

export interface GuardrailSet {
  readonly request: readonly Rule[];
  readonly response: readonly Rule[];
  /** Asked after the rules, about the text that they let pass. */
  readonly webhook: WebhookGuardrail | null;
}

// A list is an array of a cached LLM proxy, so it lives as long as that does.
const compiled = new WeakMap<readonly Guardrail[], GuardrailSet>();

/** Returns null if the policy has no guardrails. */
export function compileGuardrails({ guardrails }: LlmProxyPolicy): GuardrailSet | null {
  if (!guardrails?.length) return null;
  let set = compiled.get(guardrails);
  if (!set) compiled.set(guardrails, (set = compileSet(guardrails)));
  return set;
}

function compileSet(guardrails: readonly Guardrail[]): GuardrailSet {
  const detectorGuardrails = guardrails.filter(
    (guardrail): guardrail is DetectingGuardrail => !isWebhookGuardrail(guardrail),
  );
  const rules = detectorGuardrails.map((guardrail) => ({
    on: guardrail.on,
    rule: { name: guardrail.name, action: guardrail.action, detector: getDetector(guardrail) },
  }));
  return {
    request: rules.filter(({ on }) => on !== 'answer').map(({ rule }) => rule),
    response: rules.filter(({ on }) => on !== 'request').map(({ rule }) => rule),
    webhook: guardrails.find(isWebhookGuardrail) ?? null,
  };
}
