import type { IdentityProviderId, OrgId, ProxyId, TeamId } from '../../../platform/ids.js';
import type { Weekday } from '../../../platform/time/zoned-time.js';
import type { Guardrail } from './guardrail.js';
import type { ToolCallPolicy } from './tool-calls.js';

/** Labels that an LLM proxy can require of a call, each in a header of its own. */
export const REQUIRABLE_LABELS = ['agent', 'user', 'session', 'run'] as const;
export type RequiredLabel = (typeof REQUIRABLE_LABELS)[number];

/**
 * A window that opens on each of the days. Times in the zone's local time, `HH:MM`; `to` before `from`: past midnight.
 */
export interface AllowedHours {
  days: Weekday[];
  from: string;
  to: string;
  timeZone: string;
}

/** The rules of an LLM proxy. Stored as JSON; an absent field imposes nothing. */
export interface LlmProxyPolicy {
  /**
   * Model patterns: `*` is any characters, case-insensitive, against the provider's model id; `provider:pattern` limits
   * to a provider.
   */
  allowedModels?: string[];
  /** Patterns as in allowedModels; denied takes precedence. */
  deniedModels?: string[];
  /** Operation classes allowed for stored keys besides inference, token counting and model listing. */
  allowedOperations?: string[];
  /** Highest number of output tokens that a request may ask for. */
  maxOutputTokens?: number;
  /** Addresses and CIDR ranges that calls may come from. */
  allowedIpRanges?: string[];
  /** When calls are accepted. */
  allowedHours?: AllowedHours[];
  /** Labels that a call must have. */
  requiredHeaders?: RequiredLabel[];
  /** Rules that check the text of requests and responses. */
  guardrails?: Guardrail[];
  /** Rules for tool calls. */
  toolCalls?: ToolCallPolicy;
}

/** An LLM proxy as other modules read it. Frozen; shared between requests. */
export interface LlmProxy {
  readonly id: ProxyId;
  readonly organizationId: OrgId;
  readonly name: string;
  readonly isDefault: boolean;
  /** Teams that may use it; empty: everyone. */
  readonly teamIds: readonly TeamId[];
  /** Identity providers whose tokens are accepted. */
  readonly identityProviderIds: readonly IdentityProviderId[];
  readonly allowDirectKeys: boolean;
  readonly allowJwtOnRouter: boolean;
  /** Holds the end of a response back until its record would survive a crash. */
  readonly strictAudit: boolean;
  /** Which content of prompts and responses is stored, the organization's setting included; null: none. */
  readonly capture: { readonly mode: 'redacted' | 'full'; readonly retentionDays: number } | null;
  readonly policy: LlmProxyPolicy;
  /** Sealed: signs the requests of its webhook guardrail; null without such a guardrail. */
  readonly sealedGuardrailSecret: string | null;
}
