import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, Matches, ValidateBy, type ValidationArguments } from 'class-validator';
import { LinearPattern } from '../platform/linear-pattern.js';
import {
  DETECTOR_IDS,
  GUARDRAIL_ACTIONS,
  GUARDRAIL_SIDES,
  type DetectorId,
  type Guardrail,
  type GuardrailAction,
  type GuardrailSide,
} from './guardrail.js';

/** Names stand in a header of the answer. */
const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$/;
const LONGEST_PATTERN = 1_000;

const IsPatternOfDetector = () =>
  ValidateBy({
    name: 'isPatternOfDetector',
    validator: {
      validate: (value, context) => patternFault(value, context!) === null,
      defaultMessage: (context) => `$property ${patternFault(context!.value, context!)}`,
    },
  });

/** What is wrong with a guardrail's pattern; null: nothing. */
function patternFault(value: unknown, { object }: ValidationArguments): string | null {
  const wanted = (object as Partial<GuardrailBody>).detector === 'pattern';
  if (value === undefined || value === null)
    return wanted ? 'must be given: the detector "pattern" looks for it' : null;
  if (!wanted) return 'is for the detector "pattern" alone: leave it out';
  if (typeof value !== 'string' || value.length === 0 || value.length > LONGEST_PATTERN)
    return `must be a text of 1 to ${LONGEST_PATTERN} characters`;
  try {
    new LinearPattern(value);
    return null;
  } catch (error) {
    return `cannot be used: ${(error as Error).message}`;
  }
}

/** A rule that looks at the text of calls. */
export class GuardrailBody {
  /** Its name, unique in the LLM proxy: letters, digits, `.`, `_` and `-`. Refusals, records and the header x-gateway-guardrails tell it. */
  @Matches(NAME, { message: '$property must be 1 to 64 letters, digits, dots, hyphens or low lines' })
  name: string;

  /** What it looks for. `credit_card`: numbers of known issuers with a right check digit. `phone`: international, North American, and national ones with a leading zero. `secret`: keys of clouds and APIs, our own, and JSON web tokens. `pattern`: what you describe. */
  @IsIn(DETECTOR_IDS)
  detector: DetectorId;

  /** For the detector `pattern`: a regular expression in RE2's syntax (no look-around, no back references). A match is at most 128 characters long. */
  @IsPatternOfDetector()
  @ApiPropertyOptional({ type: String, nullable: true, minLength: 1, maxLength: LONGEST_PATTERN })
  pattern?: string | null;

  /** Whether it looks at requests, at answers, or at both. */
  @IsIn(GUARDRAIL_SIDES)
  on: GuardrailSide;

  /** What comes of a match. `block`: the call is refused, or its answer broken off. `redact`: what was found is replaced by its kind, as `[credit card]`. `flag`: the call goes on and its record tells. */
  @IsIn(GUARDRAIL_ACTIONS)
  action: GuardrailAction;
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

  /** What comes of a match. */
  @ApiProperty({ enum: GUARDRAIL_ACTIONS })
  action: GuardrailAction;
}

export const toGuardrailView = ({ name, detector, pattern, on, action }: Guardrail): GuardrailView => ({
  name,
  detector,
  pattern: pattern ?? null,
  on,
  action,
});
