/** What an admin asks of a guardrail. Pure types: the rooms above run them. */

/** What is looked for here, without anybody being asked. */
export const BUILT_IN_DETECTOR_IDS = [
  'credit_card',
  'email',
  'phone',
  'iban',
  'us_ssn',
  'private_key',
  'secret',
] as const;
export type BuiltInDetectorId = (typeof BUILT_IN_DETECTOR_IDS)[number];

export const DETECTOR_IDS = [...BUILT_IN_DETECTOR_IDS, 'pattern', 'webhook'] as const;
export type DetectorId = (typeof DETECTOR_IDS)[number];

export const GUARDRAIL_SIDES = ['request', 'answer', 'both'] as const;
export type GuardrailSide = (typeof GUARDRAIL_SIDES)[number];

export const GUARDRAIL_ACTIONS = ['block', 'redact', 'flag'] as const;
export type GuardrailAction = (typeof GUARDRAIL_ACTIONS)[number];

/** What comes of a call when a webhook guardrail gives no usable word. */
export const GUARDRAIL_FAILURE_ACTIONS = ['block', 'pass'] as const;
export type GuardrailFailureAction = (typeof GUARDRAIL_FAILURE_ACTIONS)[number];

/** Why a webhook guardrail gave no usable word. */
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

/** A rule that finds something in the text of calls. Stored as JSON. */
export interface DetectingGuardrail extends NamedGuardrail {
  readonly detector: Exclude<DetectorId, 'webhook'>;
  /** For the detector `pattern`: a regular expression in RE2's syntax. */
  readonly pattern?: string | null;
  readonly action: GuardrailAction;
}

/** A service of the organisation's own that is asked about the text of calls. Stored as JSON; at most one per LLM proxy. */
export interface WebhookGuardrail extends NamedGuardrail {
  readonly detector: 'webhook';
  readonly url: string;
  readonly timeoutMs: number;
  readonly onFailure: GuardrailFailureAction;
}

export type Guardrail = DetectingGuardrail | WebhookGuardrail;

export const isWebhookGuardrail = (guardrail: Guardrail): guardrail is WebhookGuardrail =>
  guardrail.detector === 'webhook';

/** Where in the database the secret of an LLM proxy's webhook guardrail is sealed for. */
export const guardrailSecretPlace = (proxyId: string) => ({
  table: 'llm_proxy',
  column: 'sealed_guardrail_secret',
  id: proxyId,
});

/** What a guardrail decided about one place: the rule and where, never the text. */
export interface GuardrailDecision {
  readonly guardrail: string;
  readonly action: GuardrailAction;
  readonly on: 'request' | 'answer';
  /** JSON Pointer to the text; in a stream to the text that its pieces make. Empty: all of it, or the body is no JSON. */
  readonly pointer: string;
  /** Characters of the text before the match, and in it. */
  readonly offset: number;
  readonly length: number;
  /** A webhook's word for why: a slug. */
  readonly reason?: string;
  /** Why a webhook's word was not to be had. What came of it is `action`: `flag` is a call that went on without. */
  readonly failure?: GuardrailFailure;
}
