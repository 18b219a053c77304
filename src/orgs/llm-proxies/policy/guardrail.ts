/** Configuration of guardrails. Pure types: higher modules run them. */
import { BUILT_IN_DETECTOR_IDS } from '../../../detectors/registry.js';

export const DETECTOR_IDS = [...BUILT_IN_DETECTOR_IDS, 'pattern', 'webhook'] as const;
export type DetectorId = (typeof DETECTOR_IDS)[number];

export const GUARDRAIL_SIDES = ['request', 'answer', 'both'] as const;
export type GuardrailSide = (typeof GUARDRAIL_SIDES)[number];

export const GUARDRAIL_ACTIONS = ['block', 'redact', 'flag'] as const;
export type GuardrailAction = (typeof GUARDRAIL_ACTIONS)[number];

/** What happens to a call when a webhook guardrail gives no usable decision. */
export const GUARDRAIL_FAILURE_ACTIONS = ['block', 'pass'] as const;
export type GuardrailFailureAction = (typeof GUARDRAIL_FAILURE_ACTIONS)[number];

/** Why a webhook guardrail gave no usable decision. */
export const GUARDRAIL_FAILURES = [
  'timeout',
  'unreachable',
  'address_not_allowed',
  'bad_status',
  'bad_answer',
  'too_large',
  'secret_unusable',
] as const;
export type GuardrailFailure = (typeof GUARDRAIL_FAILURES)[number];

interface NamedGuardrail {
  readonly name: string;
  readonly on: GuardrailSide;
}

/** A rule that detects something in the text of calls. Stored as JSON. */
export interface DetectingGuardrail extends NamedGuardrail {
  readonly detector: Exclude<DetectorId, 'webhook'>;
  /** A regular expression in RE2's syntax, for the detector `pattern`. */
  readonly pattern?: string | null;
  readonly action: GuardrailAction;
}

/** A service of the organization that decides about the text of calls. Stored as JSON; at most one per LLM proxy. */
export interface WebhookGuardrail extends NamedGuardrail {
  readonly detector: 'webhook';
  readonly url: string;
  readonly timeoutMs: number;
  readonly onFailure: GuardrailFailureAction;
}

export type Guardrail = DetectingGuardrail | WebhookGuardrail;

export const isWebhookGuardrail = (guardrail: Guardrail): guardrail is WebhookGuardrail =>
  guardrail.detector === 'webhook';

/** The associated data that the secret of an LLM proxy's webhook guardrail is sealed with. */
export const createGuardrailSealContext = (proxyId: string) => ({
  table: 'llm_proxy',
  column: 'sealed_guardrail_secret',
  id: proxyId,
});

/** A guardrail's decision about one match: the rule and the position, never the text. */
export interface GuardrailDecision {
  readonly guardrail: string;
  readonly action: GuardrailAction;
  readonly on: 'request' | 'answer';
  /**
   * JSON Pointer to the text; in a stream, to the text that its chunks add up to. Empty: the whole body, or the body is
   * not JSON.
   */
  readonly pointer: string;
  /** Characters of the text before the match, and of the match itself. */
  readonly offset: number;
  readonly length: number;
  /** The reason that a webhook gave: a slug. */
  readonly reason?: string;
  /**
   * Why the webhook gave no decision. `action` holds the consequence: `flag` means that the call continued without one.
   */
  readonly failure?: GuardrailFailure;
}
