import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, Matches, ValidateBy } from 'class-validator';
import { LinearPattern } from '../../../platform/patterns/linear-pattern.js';
import {
  DETECTOR_IDS,
  GUARDRAIL_ACTIONS,
  GUARDRAIL_FAILURE_ACTIONS,
  GUARDRAIL_SIDES,
  isWebhookGuardrail,
  type DetectorId,
  type Guardrail,
  type GuardrailAction,
  type GuardrailFailureAction,
  type GuardrailSide,
} from '../policy/guardrail.js';

/** Names are sent in a response header. */
export const GUARDRAIL_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$/;
const MAX_PATTERN_LENGTH = 1_000;
const MAX_URL_LENGTH = 2_000;

/** A service on another continent needs some hundred milliseconds; a judging model needs seconds. */
const MIN_TIMEOUT_MS = 100;
const MAX_TIMEOUT_MS = 30_000;
const DEFAULT_TIMEOUT_MS = 5_000;

interface DetectorField {
  /** Whether the detector has this field. */
  isFor: (detector: unknown) => boolean;
  isRequired: boolean;
  /** Names the detectors that have the field, for the error `is for … alone`. */
  owner: string;
  /** Returns what is wrong with a value, or null. */
  findFault: (value: unknown) => string | null;
}

/** Declares a field that some detectors have; for the others it must be absent or null. */
function OfDetector(field: DetectorField): PropertyDecorator {
  const findFieldFault = (value: unknown, detector: unknown): string | null => {
    const isApplicable = field.isFor(detector);
    if (value === undefined || value === null)
      return isApplicable && field.isRequired ? `must be given for the detector "${String(detector)}"` : null;
    return isApplicable ? field.findFault(value) : `is for ${field.owner}: leave it out`;
  };
  const getDetector = (object: object): unknown => (object as Partial<GuardrailBody>).detector;
  return ValidateBy({
    name: 'ofDetector',
    validator: {
      validate: (value, context) => findFieldFault(value, getDetector(context!.object)) === null,
      defaultMessage: (context) => `$property ${findFieldFault(context!.value, getDetector(context!.object))}`,
    },
  });
}

const OfWebhook = (findFault: DetectorField['findFault'], isRequired = false) =>
  OfDetector({
    isFor: (detector) => detector === 'webhook',
    isRequired,
    owner: 'the detector "webhook" alone',
    findFault: findFault,
  });

const requireOneOf =
  (values: readonly string[]) =>
  (value: unknown): string | null =>
    values.includes(value as string) ? null : `must be one of ${values.join(', ')}`;

const requireTextUpTo =
  (maxLength: number) =>
  (value: unknown): string | null =>
    typeof value === 'string' && value.length > 0 && value.length <= maxLength
      ? null
      : `must be a text of 1 to ${maxLength} characters`;

function findPatternFault(value: unknown): string | null {
  const fault = requireTextUpTo(MAX_PATTERN_LENGTH)(value);
  if (fault) return fault;
  try {
    new LinearPattern(value as string);
    return null;
  } catch (error) {
    return `cannot be used: ${(error as Error).message}`;
  }
}

const findTimeoutFault = (value: unknown): string | null =>
  Number.isInteger(value) && (value as number) >= MIN_TIMEOUT_MS && (value as number) <= MAX_TIMEOUT_MS
    ? null
    : `must be a whole number from ${MIN_TIMEOUT_MS} to ${MAX_TIMEOUT_MS}`;

const IsPattern = () =>
  applyDecorators(
    OfDetector({
      isFor: (detector) => detector === 'pattern',
      isRequired: true,
      owner: 'the detector "pattern" alone',
      findFault: findPatternFault,
    }),
    ApiPropertyOptional({ type: String, nullable: true, minLength: 1, maxLength: MAX_PATTERN_LENGTH }),
  );

const IsAction = () =>
  applyDecorators(
    OfDetector({
      isFor: (detector) => detector !== 'webhook',
      isRequired: true,
      owner: 'detectors that decide nothing themselves',
      findFault: requireOneOf(GUARDRAIL_ACTIONS),
    }),
    ApiPropertyOptional({ enum: GUARDRAIL_ACTIONS, nullable: true }),
  );

/** A rule that checks the text of calls. */
export class GuardrailBody {
  /**
   * Name, unique in the LLM proxy: letters, digits, `.`, `_` and `-`. Shown in refusals, in records and in the header
   * x-gateway-guardrails.
   */
  @Matches(GUARDRAIL_NAME, { message: '$property must be 1 to 64 letters, digits, dots, hyphens or underscores' })
  name: string;

  /**
   * What it detects. The guide to guardrails lists the forms that each detector finds. `pattern`: matches of `pattern`.
   * `webhook`: decided by your own service; an LLM proxy has at most one, which runs last.
   */
  @IsIn(DETECTOR_IDS)
  detector: DetectorId;

  /**
   * For the detector `pattern`: a regular expression in RE2's syntax (no look-around, no back references). A match is
   * at most 128 characters long.
   */
  @IsPattern()
  pattern?: string | null;

  /** Whether it checks requests, responses, or both. */
  @IsIn(GUARDRAIL_SIDES)
  on: GuardrailSide;

  /**
   * What a match causes; for all detectors except `webhook`, whose service decides. `block`: the call is refused, or
   * its response is broken off. `redact`: the match is replaced by its kind, such as `[credit card]`. `flag`: the call
   * continues, and the match is recorded.
   */
  @IsAction()
  action?: GuardrailAction | null;

  /**
   * For the detector `webhook`: the https URL that texts are posted to. Addresses that are not public must be listed in
   * UPSTREAM_ALLOWED_HOSTS.
   */
  @OfWebhook(requireTextUpTo(MAX_URL_LENGTH), true)
  @ApiPropertyOptional({ type: String, nullable: true, format: 'uri', maxLength: MAX_URL_LENGTH })
  url?: string | null;

  /** For the detector `webhook`: how long a call, or a part of a stream, waits for the service at most. */
  @OfWebhook(findTimeoutFault)
  @ApiPropertyOptional({
    ...{ type: 'integer', nullable: true, default: DEFAULT_TIMEOUT_MS },
    ...{ minimum: MIN_TIMEOUT_MS, maximum: MAX_TIMEOUT_MS },
  })
  timeoutMs?: number | null;

  /**
   * For the detector `webhook`: what happens to a call when no usable decision arrives in time. `block`: as if the
   * service had blocked it. `pass`: the call continues, and the failure is recorded.
   */
  @OfWebhook(requireOneOf(GUARDRAIL_FAILURE_ACTIONS))
  @ApiPropertyOptional({ enum: GUARDRAIL_FAILURE_ACTIONS, nullable: true, default: 'block' })
  onFailure?: GuardrailFailureAction | null;
}

/** A rule that checks the text of calls. */
export class GuardrailView {
  /** Name, unique in the LLM proxy. */
  name: string;

  /** What it detects. */
  @ApiProperty({ enum: DETECTOR_IDS })
  detector: DetectorId;

  /** The regular expression of the detector `pattern`; null for the others. */
  pattern: string | null;

  /** Whether it checks requests, responses, or both. */
  @ApiProperty({ enum: GUARDRAIL_SIDES })
  on: GuardrailSide;

  /** What a match causes; null for the detector `webhook`, whose service decides. */
  @ApiProperty({ enum: GUARDRAIL_ACTIONS, nullable: true })
  action: GuardrailAction | null;

  /** URL that the detector `webhook` posts texts to; null for the others. */
  url: string | null;

  /** How long a call waits for the detector `webhook` at most; null for the others. */
  @ApiProperty({ type: 'integer', nullable: true })
  timeoutMs: number | null;

  /** What happens to a call when the detector `webhook` gives no usable decision in time; null for the others. */
  @ApiProperty({ enum: GUARDRAIL_FAILURE_ACTIONS, nullable: true })
  onFailure: GuardrailFailureAction | null;
}

const EMPTY_FIELDS = { pattern: null, action: null, url: null, timeoutMs: null, onFailure: null };

export function toGuardrailView(guardrail: Guardrail): GuardrailView {
  const { name, detector, on } = guardrail;
  const common = { ...EMPTY_FIELDS, name, detector, on };
  if (isWebhookGuardrail(guardrail)) {
    const { url, timeoutMs, onFailure } = guardrail;
    return { ...common, url, timeoutMs, onFailure };
  }
  return { ...common, pattern: guardrail.pattern ?? null, action: guardrail.action };
}

/** Converts a validated body to its stored form. */
export function toGuardrail({ name, detector, on, ...body }: GuardrailBody): Guardrail {
  if (detector !== 'webhook') return { name, detector, on, pattern: body.pattern ?? null, action: body.action! };
  const { url, timeoutMs, onFailure } = body;
  return { name, detector, on, url: url!, timeoutMs: timeoutMs ?? DEFAULT_TIMEOUT_MS, onFailure: onFailure ?? 'block' };
}
