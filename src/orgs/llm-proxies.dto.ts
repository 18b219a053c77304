import { ApiProperty, PartialType } from '@nestjs/swagger';
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
import { parseAddressRange } from '../platform/address-range.js';
import type { Secret } from '../platform/crypto/secret.js';
import { shownOnce } from '../platform/crypto/webhook-signature.js';
import type { OperationClass } from '../providers/provider-adapter.js';
import { IsId, MayBeAbsent, OneLine } from './field-rules.js';
import { GuardrailBody, GuardrailView, toGuardrailView } from './guardrail.dto.js';
import { AllowedHoursBody } from './llm-proxy-hours.dto.js';
import { REQUIRABLE_LABELS, type LlmProxyPolicy, type RequiredLabel } from './llm-proxy-policy.js';
import type { LlmProxyEntity } from './llm-proxy.entity.js';
import { CAPTURE_MODES, LONGEST_CONTENT_RETENTION_DAYS, type CaptureMode } from './organization.dto.js';

/** Classes of operations that an admin can open to stored keys. Inference, counting and listing are open anyway, administration never. */
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

const MOST_PATTERNS = 200;
const MOST_RANGES = 200;
const MOST_WINDOWS = 50;
const MOST_GUARDRAILS = 50;
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

const HasOneWebhookAtMost = () =>
  ValidateBy({
    name: 'hasOneWebhookAtMost',
    validator: {
      validate: (value) =>
        !Array.isArray(value) ||
        value.filter((one: Partial<GuardrailBody> | null) => one?.detector === 'webhook').length < 2,
      defaultMessage: () => '$property may hold one guardrail with the detector "webhook" at most',
    },
  });

/** Rules of an LLM proxy. In a PATCH, a rule that is left out stays as it is. */
export class LlmProxyPolicyBody {
  /** Models that may be called: `*` is any characters, in any case, against the provider's model id; `provider:pattern` narrows. Null or empty: all. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MOST_PATTERNS)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(200, { each: true })
  @Matches(PATTERN, PATTERN_ADVICE)
  allowedModels?: string[] | null;

  /** Models that may not be called, in the same patterns; wins over allowedModels. Null or empty: none. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MOST_PATTERNS)
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

  /** Where calls may come from: CIDR ranges (`10.0.0.0/8`, `2001:db8::/32`) or addresses, of IPv4 and IPv6. Null or empty: anywhere. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MOST_RANGES)
  @ArrayUnique()
  @AreAddressRanges()
  allowedIpRanges?: string[] | null;

  /** When calls are taken: in any of these windows. Calls that run when one closes go on. Null or empty: always. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MOST_WINDOWS)
  @ValidateNested({ each: true })
  @Type(() => AllowedHoursBody)
  allowedHours?: AllowedHoursBody[] | null;

  /** What calls must say of themselves: `agent` in X-Archestra-Agent-Id, `user` in X-Archestra-User-Id, `session` and `run` likewise. Labels, not proof. Null or empty: nothing. */
  @IsOptional()
  @IsArray()
  @ArrayUnique()
  @IsIn(REQUIRABLE_LABELS, { each: true })
  requiredHeaders?: RequiredLabel[] | null;

  /** Guardrails that look at the text of requests and answers; the list replaces the present one. Null or empty: none. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MOST_GUARDRAILS)
  @ArrayUnique((guardrail: Partial<GuardrailBody> | null) => guardrail?.name, {
    message: 'the names of $property must differ',
  })
  @ValidateNested({ each: true })
  @Type(() => GuardrailBody)
  @HasOneWebhookAtMost()
  guardrails?: GuardrailBody[] | null;
}

export class CreateLlmProxyBody {
  /** Name of the LLM proxy, unique in the organisation. */
  @OneLine(100)
  name: string;

  /** Whether calls whose address names no LLM proxy come in here. Making one the default takes that from the present one. Default: false. */
  @MayBeAbsent()
  @IsBoolean()
  isDefault?: boolean;

  /** Teams that may use it; empty: everyone in the organisation. Default: empty. */
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

  /** Whether a caller may come with a provider's own key. Default: true. */
  @MayBeAbsent()
  @IsBoolean()
  allowDirectKeys?: boolean;

  /** Whether tokens of an enterprise identity provider are accepted on the Model Router. Default: false. */
  @MayBeAbsent()
  @IsBoolean()
  allowJwtOnRouter?: boolean;

  /** Whether the end of each answer is held back until its record is safe, in the database or on the disk; an answer whose record cannot be made safe is broken off. Default: false. */
  @MayBeAbsent()
  @IsBoolean()
  strictAudit?: boolean;

  /** Rules for the calls that come in here. Null: none. */
  @IsOptional()
  @ValidateNested()
  @Type(() => LlmProxyPolicyBody)
  policy?: LlmProxyPolicyBody | null;

  /** What of prompts and answers is kept. Null: as the organisation says. */
  @IsOptional()
  @IsIn(CAPTURE_MODES)
  captureContent?: CaptureMode | null;

  /** How many days it is kept. Null: as the organisation says. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(LONGEST_CONTENT_RETENTION_DAYS)
  @ApiProperty({ type: 'integer', required: false, nullable: true })
  contentRetentionDays?: number | null;
}

export class UpdateLlmProxyBody extends PartialType(CreateLlmProxyBody, { skipNullProperties: false }) {}

export class LlmProxyPolicyView {
  /** Models that may be called; empty: all. */
  allowedModels: string[];

  /** Models that may not be called; wins over allowedModels. */
  deniedModels: string[];

  /** What stored keys may be used for besides inference, token counting and model listing. */
  @ApiProperty({ enum: OPENABLE_OPERATIONS, isArray: true })
  allowedOperations: string[];

  /** Highest number of output tokens that a request may ask for; null: no limit. */
  maxOutputTokens: number | null;

  /** Addresses and CIDR ranges that calls may come from; empty: anywhere. */
  allowedIpRanges: string[];

  /** Windows in which calls are taken; empty: always. */
  allowedHours: AllowedHoursBody[];

  /** What calls must say of themselves. */
  @ApiProperty({ enum: REQUIRABLE_LABELS, isArray: true })
  requiredHeaders: RequiredLabel[];

  /** Guardrails that look at the text of requests and answers. */
  guardrails: GuardrailView[];
}

export class LlmProxyView {
  /** Id of the LLM proxy: part of the base URL that its users are given. */
  id: string;

  /** Name of the LLM proxy, unique in the organisation. */
  name: string;

  /** Whether calls whose address names no LLM proxy come in here. */
  isDefault: boolean;

  /** Teams that may use it; empty: everyone in the organisation. */
  teamIds: string[];

  /** Identity providers whose tokens are accepted here. */
  identityProviderIds: string[];

  /** Whether a caller may come with a provider's own key. */
  allowDirectKeys: boolean;

  /** Whether tokens of an enterprise identity provider are accepted on the Model Router. */
  allowJwtOnRouter: boolean;

  /** Whether the end of each answer is held back until its record is safe. */
  strictAudit: boolean;

  /** Rules for the calls that come in here. */
  policy: LlmProxyPolicyView;

  /** What of prompts and answers is kept; null: as the organisation says. */
  @ApiProperty({ enum: CAPTURE_MODES, nullable: true })
  captureContent: CaptureMode | null;

  /** How many days it is kept; null: as the organisation says. */
  @ApiProperty({ type: 'integer', nullable: true })
  contentRetentionDays: number | null;

  /** When the LLM proxy was made. */
  createdAt: Date;

  /** When the LLM proxy was last changed. */
  updatedAt: Date;
}

export class LlmProxyCreated extends LlmProxyView {
  /** The secret that its webhook guardrail's questions are signed with (`whsec_…`, Standard Webhooks). Shown in the answer that sets it and never again; left out of all others. */
  guardrailSecret?: string;
}

export const toLlmProxyCreated = (row: LlmProxyEntity, secret: Secret | null): LlmProxyCreated =>
  secret === null ? toLlmProxyView(row) : { ...toLlmProxyView(row), guardrailSecret: shownOnce(secret) };

export function toLlmProxyView(row: LlmProxyEntity): LlmProxyView {
  const policy = row.policy as LlmProxyPolicy;
  return {
    id: row.id,
    name: row.name,
    isDefault: row.isDefault,
    teamIds: row.teamIds,
    identityProviderIds: row.identityProviderIds,
    allowDirectKeys: row.allowDirectKeys,
    allowJwtOnRouter: row.allowJwtOnRouter,
    strictAudit: row.strictAudit,
    policy: {
      allowedModels: policy.allowedModels ?? [],
      deniedModels: policy.deniedModels ?? [],
      allowedOperations: policy.allowedOperations ?? [],
      maxOutputTokens: policy.maxOutputTokens ?? null,
      allowedIpRanges: policy.allowedIpRanges ?? [],
      allowedHours: policy.allowedHours ?? [],
      requiredHeaders: policy.requiredHeaders ?? [],
      guardrails: (policy.guardrails ?? []).map(toGuardrailView),
    },
    captureContent: row.captureContent as CaptureMode | null,
    contentRetentionDays: row.contentRetentionDays,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}
