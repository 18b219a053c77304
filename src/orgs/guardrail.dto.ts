import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, Matches, ValidateBy } from 'class-validator';
import { LinearPattern } from '../platform/linear-pattern.js';
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
} from './guardrail.js';

/** Names stand in a header of the answer. */
export const GUARDRAIL_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$/;
const LONGEST_PATTERN = 1_000;
const LONGEST_URL = 2_000;

/** A service across the world needs some hundred milliseconds; a model that judges needs seconds. */
const LEAST_TIMEOUT_MS = 100;
const MOST_TIMEOUT_MS = 30_000;
const TIMEOUT_MS = 5_000;

interface DetectorField {
  /** Whether the detector has such a field. */
  isFor: (detector: unknown) => boolean;
  isRequired: boolean;
  /** For whoever gives it in vain: `is for … alone`. */
  whose: string;
  /** What is wrong with a value; null: nothing. */
  fault: (value: unknown) => string | null;
}

/** A field that some detectors have: for the others it is left out, or null. */
function OfDetector(field: DetectorField): PropertyDecorator {
  const faultIn = (value: unknown, detector: unknown): string | null => {
    const isHis = field.isFor(detector);
    if (value === undefined || value === null)
      return isHis && field.isRequired ? `must be given for the detector "${String(detector)}"` : null;
    return isHis ? field.fault(value) : `is for ${field.whose}: leave it out`;
  };
  const detectorIn = (object: object): unknown => (object as Partial<GuardrailBody>).detector;
  return ValidateBy({
    name: 'ofDetector',
    validator: {
      validate: (value, context) => faultIn(value, detectorIn(context!.object)) === null,
      defaultMessage: (context) => `$property ${faultIn(context!.value, detectorIn(context!.object))}`,
    },
  });
}

const OfWebhook = (fault: DetectorField['fault'], isRequired = false) =>
  OfDetector({
    isFor: (detector) => detector === 'webhook',
    isRequired,
    whose: 'the detector "webhook" alone',
    fault,
  });

const oneOf =
  (values: readonly string[]) =>
  (value: unknown): string | null =>
    values.includes(value as string) ? null : `must be one of ${values.join(', ')}`;

const textUpTo =
  (most: number) =>
  (value: unknown): string | null =>
    typeof value === 'string' && value.length > 0 && value.length <= most
      ? null
      : `must be a text of 1 to ${most} characters`;

function patternFault(value: unknown): string | null {
  const fault = textUpTo(LONGEST_PATTERN)(value);
  if (fault) return fault;
  try {
    new LinearPattern(value as string);
    return null;
  } catch (error) {
    return `cannot be used: ${(error as Error).message}`;
  }
}

const timeoutFault = (value: unknown): string | null =>
  Number.isInteger(value) && (value as number) >= LEAST_TIMEOUT_MS && (value as number) <= MOST_TIMEOUT_MS
    ? null
    : `must be a whole number from ${LEAST_TIMEOUT_MS} to ${MOST_TIMEOUT_MS}`;

const IsPattern = () =>
  applyDecorators(
    OfDetector({
      isFor: (detector) => detector === 'pattern',
      isRequired: true,
      whose: 'the detector "pattern" alone',
      fault: patternFault,
    }),
    ApiPropertyOptional({ type: String, nullable: true, minLength: 1, maxLength: LONGEST_PATTERN }),
  );

const IsAction = () =>
  applyDecorators(
    OfDetector({
      isFor: (detector) => detector !== 'webhook',
      isRequired: true,
      whose: 'detectors that decide nothing themselves',
      fault: oneOf(GUARDRAIL_ACTIONS),
    }),
    ApiPropertyOptional({ enum: GUARDRAIL_ACTIONS, nullable: true }),
  );

/** A rule that looks at the text of calls. */
export class GuardrailBody {
  /** Its name, unique in the LLM proxy: letters, digits, `.`, `_` and `-`. Refusals, records and the header x-gateway-guardrails tell it. */
  @Matches(GUARDRAIL_NAME, { message: '$property must be 1 to 64 letters, digits, dots, hyphens or low lines' })
  name: string;

  /** What it looks for. `credit_card`: numbers of known issuers with a right check digit. `phone`: international, North American, and national ones with a leading zero. `secret`: keys of clouds and APIs, our own, and JSON web tokens. `pattern`: what you describe. `webhook`: what your own service says; an LLM proxy has at most one, which is asked last. */
  @IsIn(DETECTOR_IDS)
  detector: DetectorId;

  /** For the detector `pattern`: a regular expression in RE2's syntax (no look-around, no back references). A match is at most 128 characters long. */
  @IsPattern()
  pattern?: string | null;

  /** Whether it looks at requests, at answers, or at both. */
  @IsIn(GUARDRAIL_SIDES)
  on: GuardrailSide;

  /** What comes of a match; for all detectors but `webhook`, whose service decides. `block`: the call is refused, or its answer broken off. `redact`: what was found is replaced by its kind, as `[credit card]`. `flag`: the call goes on and its record tells. */
  @IsAction()
  action?: GuardrailAction | null;

  /** For the detector `webhook`: where texts are posted to, https. Addresses that are not public have to be listed in UPSTREAM_ALLOWED_HOSTS. */
  @OfWebhook(textUpTo(LONGEST_URL), true)
  @ApiPropertyOptional({ type: String, nullable: true, format: 'uri', maxLength: LONGEST_URL })
  url?: string | null;

  /** For the detector `webhook`: how long a call, or a piece of a stream, waits for its word at most. */
  @OfWebhook(timeoutFault)
  @ApiPropertyOptional({
    ...{ type: 'integer', nullable: true, default: TIMEOUT_MS },
    ...{ minimum: LEAST_TIMEOUT_MS, maximum: MOST_TIMEOUT_MS },
  })
  timeoutMs?: number | null;

  /** For the detector `webhook`: what comes of a call when there is no usable word in time. `block`: as if it had blocked. `pass`: the call goes on, and its record tells. */
  @OfWebhook(oneOf(GUARDRAIL_FAILURE_ACTIONS))
  @ApiPropertyOptional({ enum: GUARDRAIL_FAILURE_ACTIONS, nullable: true, default: 'block' })
  onFailure?: GuardrailFailureAction | null;
}

/** A rule that looks at the text of calls. */
export class GuardrailView {
  /** Its name, unique in the LLM proxy. */
  name: string;

  /** What it looks for. */
  @ApiProperty({ enum: DETECTOR_IDS })
  detector: DetectorId;

  /** The regular expression of the detector `pattern`; null for the others. */
  pattern: string | null;

  /** Whether it looks at requests, at answers, or at both. */
  @ApiProperty({ enum: GUARDRAIL_SIDES })
  on: GuardrailSide;

  /** What comes of a match; null for the detector `webhook`, whose service decides. */
  @ApiProperty({ enum: GUARDRAIL_ACTIONS, nullable: true })
  action: GuardrailAction | null;

  /** Where the detector `webhook` posts texts to; null for the others. */
  url: string | null;

  /** How long the detector `webhook` is waited for at most; null for the others. */
  @ApiProperty({ type: 'integer', nullable: true })
  timeoutMs: number | null;

  /** What comes of a call when the detector `webhook` gives no usable word in time; null for the others. */
  @ApiProperty({ enum: GUARDRAIL_FAILURE_ACTIONS, nullable: true })
  onFailure: GuardrailFailureAction | null;
}

const OF_OTHERS = { pattern: null, action: null, url: null, timeoutMs: null, onFailure: null };

export function toGuardrailView(guardrail: Guardrail): GuardrailView {
  const { name, detector, on } = guardrail;
  const common = { ...OF_OTHERS, name, detector, on };
  if (isWebhookGuardrail(guardrail)) {
    const { url, timeoutMs, onFailure } = guardrail;
    return { ...common, url, timeoutMs, onFailure };
  }
  return { ...common, pattern: guardrail.pattern ?? null, action: guardrail.action };
}

/** A checked body as it is stored. */
export function toGuardrail({ name, detector, on, ...body }: GuardrailBody): Guardrail {
  if (detector !== 'webhook') return { name, detector, on, pattern: body.pattern ?? null, action: body.action! };
  const { url, timeoutMs, onFailure } = body;
  return { name, detector, on, url: url!, timeoutMs: timeoutMs ?? TIMEOUT_MS, onFailure: onFailure ?? 'block' };
}
