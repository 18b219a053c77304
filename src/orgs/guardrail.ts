/** What an admin asks of a guardrail. Pure types: the rooms above run them. */

export const DETECTOR_IDS = [
  'credit_card',
  'email',
  'phone',
  'iban',
  'us_ssn',
  'private_key',
  'secret',
  'pattern',
] as const;
export type DetectorId = (typeof DETECTOR_IDS)[number];

export const GUARDRAIL_SIDES = ['request', 'answer', 'both'] as const;
export type GuardrailSide = (typeof GUARDRAIL_SIDES)[number];

export const GUARDRAIL_ACTIONS = ['block', 'redact', 'flag'] as const;
export type GuardrailAction = (typeof GUARDRAIL_ACTIONS)[number];

/** One rule that looks at the text of calls. Stored as JSON. */
export interface Guardrail {
  readonly name: string;
  readonly detector: DetectorId;
  /** For the detector `pattern`: a regular expression in RE2's syntax. */
  readonly pattern?: string | null;
  readonly on: GuardrailSide;
  readonly action: GuardrailAction;
}

/** What a guardrail decided about one match: the rule and the place, never the text. */
export interface GuardrailDecision {
  readonly guardrail: string;
  readonly action: GuardrailAction;
  readonly on: 'request' | 'answer';
  /** JSON Pointer to the text; in a stream to the text that its pieces make. Empty: the body is no JSON. */
  readonly pointer: string;
  /** Characters of the text before the match, and in it. */
  readonly offset: number;
  readonly length: number;
}
