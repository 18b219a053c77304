import { ApiExtraModels, ApiProperty, ApiPropertyOptional, getSchemaPath, PartialType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateBy,
  ValidateNested,
} from 'class-validator';
import { parseAddressRange } from '../../platform/addresses/address-range.js';
import type { OperationClass } from '../../providers/contract/provider-adapter.js';
import { IsId, MayBeAbsent, OneLine } from '../../admin-api/field-rules.js';
import { GuardrailBody } from './guardrails/guardrail.dto.js';
import { GuardrailsBody, IsGuardrailList, type GivenGuardrails } from './guardrails/guardrails.dto.js';
import { AllowedHoursBody } from './allowed-hours.dto.js';
import { REQUIRABLE_LABELS, type RequiredLabel } from './policy/llm-proxy.js';
import { CAPTURE_MODES, MAX_CONTENT_RETENTION_DAYS, type CaptureMode } from '../organization/organization.dto.js';

/**
 * Classes of operations that an admin can allow for stored keys. Inference, counting and listing are always allowed,
 * administration never.
 */
export const OPENABLE_OPERATIONS = [
  'files',
  'batches',
  'images',
  'audio',
  'fine_tuning',
  'responses_state',
  'vector_stores',
  'assistants',
  'other',
] as const satisfies readonly OperationClass[];
export type OpenableOperation = (typeof OPENABLE_OPERATIONS)[number];

const MAX_PATTERNS = 200;
const MAX_RANGES = 200;
const MAX_WINDOWS = 50;
const PATTERN = /^[^\s\p{Cc}\p{Cs}]+$/u;
const PATTERN_ADVICE = { each: true, message: 'each value in $property must be a model pattern, without white space' };

const AreAddressRanges = () =>
  ValidateBy(
    {
      name: 'areAddressRanges',
      validator: {
        validate: (value) => typeof value === 'string' && parseAddressRange(value) !== null,
        defaultMessage: () => 'each value in $property must be a CIDR range such as 10.0.0.0/8, or an address',
      },
    },
    { each: true },
  );

/** Rules of an LLM proxy. In a PATCH, an absent rule is unchanged. */
@ApiExtraModels(GuardrailBody, GuardrailsBody)
export class LlmProxyPolicyBody {
  /**
   * Models that may be called: `*` matches any characters, case-insensitively, against the provider's model id;
   * `provider:pattern` limits the pattern to a provider. Null or empty: all.
   */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_PATTERNS)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(200, { each: true })
  @Matches(PATTERN, PATTERN_ADVICE)
  allowedModels?: string[] | null;

  /** Models that may not be called, in the same patterns; takes precedence over allowedModels. Null or empty: none. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_PATTERNS)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(200, { each: true })
  @Matches(PATTERN, PATTERN_ADVICE)
  deniedModels?: string[] | null;

  /** What stored keys may be used for besides inference, token counting and model listing. Null or empty: nothing. */
  @IsOptional()
  @IsArray()
  @ArrayUnique()
  @IsIn(OPENABLE_OPERATIONS, { each: true })
  allowedOperations?: OpenableOperation[] | null;

  /** Highest number of output tokens that a request may ask for. Null: no limit. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(2_147_483_647)
  maxOutputTokens?: number | null;

  /**
   * Where calls may come from: IPv4 and IPv6 addresses or CIDR ranges (`10.0.0.0/8`, `2001:db8::/32`). Null or empty:
   * anywhere.
   */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_RANGES)
  @ArrayUnique()
  @AreAddressRanges()
  allowedIpRanges?: string[] | null;

  /**
   * When calls are accepted: in any of these windows. Calls in flight when a window closes are completed. Null or
   * empty: always.
   */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_WINDOWS)
  @ValidateNested({ each: true })
  @Type(() => AllowedHoursBody)
  allowedHours?: AllowedHoursBody[] | null;

  /**
   * Labels that calls must have: `agent` in X-Archestra-Agent-Id, `user` in X-Archestra-User-Id, `session` and `run`
   * likewise. They are labels, not proof. Null or empty: none.
   */
  @IsOptional()
  @IsArray()
  @ArrayUnique()
  @IsIn(REQUIRABLE_LABELS, { each: true })
  requiredHeaders?: RequiredLabel[] | null;

  /**
   * Guardrails that check the text of requests and responses, as a list; or, as an object, those in `text` and the
   * rules for tool calls in `toolCalls`. A list replaces the present one and leaves the rules for tool calls unchanged.
   * Null: neither.
   */
  @IsOptional()
  @IsGuardrailList()
  @ValidateNested()
  @Type((options) => (Array.isArray(options?.object['guardrails']) ? GuardrailBody : GuardrailsBody))
  @ApiPropertyOptional({
    oneOf: [{ type: 'array', items: { $ref: getSchemaPath(GuardrailBody) } }, { $ref: getSchemaPath(GuardrailsBody) }],
    nullable: true,
  })
  guardrails?: GivenGuardrails | null;
}

export class CreateLlmProxyBody {
  /** Name of the LLM proxy, unique in the organization. */
  @OneLine(100)
  name: string;

  /**
   * Whether it serves calls whose address names no LLM proxy. Making one the default takes that from the present one.
   * Default: false.
   */
  @MayBeAbsent()
  @IsBoolean()
  isDefault?: boolean;

  /** Teams that may use it; empty: everyone in the organization. Default: empty. */
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(100)
  @ArrayUnique()
  @IsId({ each: true })
  teamIds?: string[];

  /** Identity providers whose tokens are accepted here. Default: none. */
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(100)
  @ArrayUnique()
  @IsId({ each: true })
  identityProviderIds?: string[];

  /** Whether callers may use a provider's key of their own. Default: true. */
  @MayBeAbsent()
  @IsBoolean()
  allowDirectKeys?: boolean;

  /** Whether tokens of an enterprise identity provider are accepted on the Model Router. Default: false. */
  @MayBeAbsent()
  @IsBoolean()
  allowJwtOnRouter?: boolean;

  /**
   * Whether the end of each response is held back until its record is safe, in the database or on disk; a response
   * whose record cannot be made safe is broken off. Default: false.
   */
  @MayBeAbsent()
  @IsBoolean()
  strictAudit?: boolean;

  /** Rules for the calls to this LLM proxy. Null: none. */
  @IsOptional()
  @ValidateNested()
  @Type(() => LlmProxyPolicyBody)
  policy?: LlmProxyPolicyBody | null;

  /** Which content of prompts and responses is stored. Null: the organization's setting. */
  @IsOptional()
  @IsIn(CAPTURE_MODES)
  captureContent?: CaptureMode | null;

  /** How many days the content is stored. Null: the organization's setting. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_CONTENT_RETENTION_DAYS)
  @ApiProperty({ type: 'integer', required: false, nullable: true })
  contentRetentionDays?: number | null;
}

export class UpdateLlmProxyBody extends PartialType(CreateLlmProxyBody, { skipNullProperties: false }) {}
