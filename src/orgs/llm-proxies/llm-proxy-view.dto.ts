/** The LLM proxy in the admin API. */
import { ApiExtraModels, ApiProperty, getSchemaPath } from '@nestjs/swagger';
import type { Secret } from '../../platform/crypto/secret.js';
import { exposeOnce } from '../../platform/crypto/webhook-signature.js';
import { GuardrailView } from './guardrails/guardrail.dto.js';
import { GuardrailsView, toGuardrailsView } from './guardrails/guardrails.dto.js';
import { OPENABLE_OPERATIONS } from './llm-proxies.dto.js';
import { AllowedHoursBody } from './allowed-hours.dto.js';
import { REQUIRABLE_LABELS, type LlmProxyPolicy, type RequiredLabel } from './policy/llm-proxy.js';
import type { LlmProxyEntity } from './llm-proxy.entity.js';
import { CAPTURE_MODES, type CaptureMode } from '../organization/organization.dto.js';

@ApiExtraModels(GuardrailView, GuardrailsView)
export class LlmProxyPolicyView {
  /** Models that may be called; empty: all. */
  allowedModels: string[];

  /** Models that may not be called; takes precedence over allowedModels. */
  deniedModels: string[];

  /** What stored keys may be used for besides inference, token counting and model listing. */
  @ApiProperty({ enum: OPENABLE_OPERATIONS, isArray: true })
  allowedOperations: string[];

  /** Highest number of output tokens that a request may ask for; null: no limit. */
  maxOutputTokens: number | null;

  /** Addresses and CIDR ranges that calls may come from; empty: anywhere. */
  allowedIpRanges: string[];

  /** Windows in which calls are accepted; empty: always. */
  allowedHours: AllowedHoursBody[];

  /** Labels that calls must have. */
  @ApiProperty({ enum: REQUIRABLE_LABELS, isArray: true })
  requiredHeaders: RequiredLabel[];

  /** Guardrails that check the text of requests and responses; with rules for tool calls, both. */
  @ApiProperty({
    oneOf: [{ type: 'array', items: { $ref: getSchemaPath(GuardrailView) } }, { $ref: getSchemaPath(GuardrailsView) }],
  })
  guardrails: GuardrailView[] | GuardrailsView;
}

export class LlmProxyView {
  /** Id of the LLM proxy: part of the base URL that its users are given. */
  id: string;

  /** Name of the LLM proxy, unique in the organization. */
  name: string;

  /** Whether it serves calls whose address names no LLM proxy. */
  isDefault: boolean;

  /** Teams that may use it; empty: everyone in the organization. */
  teamIds: string[];

  /** Identity providers whose tokens are accepted here. */
  identityProviderIds: string[];

  /** Whether callers may use a provider's key of their own. */
  allowDirectKeys: boolean;

  /** Whether tokens of an enterprise identity provider are accepted on the Model Router. */
  allowJwtOnRouter: boolean;

  /** Whether the end of each response is held back until its record is safe. */
  strictAudit: boolean;

  /** Rules for the calls to this LLM proxy. */
  policy: LlmProxyPolicyView;

  /** Which content of prompts and responses is stored; null: the organization's setting. */
  @ApiProperty({ enum: CAPTURE_MODES, nullable: true })
  captureContent: CaptureMode | null;

  /** How many days the content is stored; null: the organization's setting. */
  @ApiProperty({ type: 'integer', nullable: true })
  contentRetentionDays: number | null;

  /** When the LLM proxy was created. */
  createdAt: Date;

  /** When the LLM proxy was last changed. */
  updatedAt: Date;
}

export class LlmProxyCreated extends LlmProxyView {
  /**
   * The secret that signs the requests to its webhook guardrail (`whsec_…`, Standard Webhooks). Shown in the response
   * that sets it and never again; absent from all others.
   */
  guardrailSecret?: string;
}

export const toLlmProxyCreated = (row: LlmProxyEntity, secret: Secret | null): LlmProxyCreated =>
  secret === null ? toLlmProxyView(row) : { ...toLlmProxyView(row), guardrailSecret: exposeOnce(secret) };

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
      guardrails: toGuardrailsView(policy),
    },
    captureContent: row.captureContent as CaptureMode | null,
    contentRetentionDays: row.contentRetentionDays,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}
