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
  readonly pattern?: string;
  readonly on: GuardrailSide;
  readonly action: GuardrailAction;
}
