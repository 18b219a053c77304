import type { IdentityProviderId, OrgId, ProxyId, TeamId } from '../platform/ids.js';
import type { Weekday } from '../platform/wall-time.js';
import type { Guardrail } from './guardrail.js';
import type { ToolCallPolicy } from './tool-call-policy.js';

/** What a call may be asked to say of itself, in a header of its own. */
export const REQUIRABLE_LABELS = ['agent', 'user', 'session', 'run'] as const;
export type RequiredLabel = (typeof REQUIRABLE_LABELS)[number];

/** A window that opens on each of the days. Times by the clock of the zone, `HH:MM`; `to` before `from`: over midnight. */
export interface AllowedHours {
  days: Weekday[];
  from: string;
  to: string;
  timeZone: string;
}

/** What an LLM proxy allows. Stored as JSON; every field absent means no rule. */
export interface LlmProxyPolicy {
  /** Model patterns: `*` is any characters, case-insensitive, against the provider's model id; `provider:pattern` narrows. */
  allowedModels?: string[];
  /** As allowedModels; denied wins. */
  deniedModels?: string[];
  /** Operation classes opened to stored keys besides inference, token counting and model listing. */
  allowedOperations?: string[];
  /** Highest number of output tokens that a request may ask for. */
  maxOutputTokens?: number;
  /** Addresses and CIDR ranges that calls may come from. */
  allowedIpRanges?: string[];
  /** When calls are taken. */
  allowedHours?: AllowedHours[];
  /** Labels that a call must bring. */
  requiredHeaders?: RequiredLabel[];
  /** Rules that look at the text of requests and answers. */
  guardrails?: Guardrail[];
  /** Rules for tool calls. */
  toolCalls?: ToolCallPolicy;
}

/** An LLM proxy as the rest of the program reads it. Frozen; shared between requests. */
export interface LlmProxy {
  readonly id: ProxyId;
  readonly organisationId: OrgId;
  readonly name: string;
  readonly isDefault: boolean;
  /** Teams that may use it; empty: everyone. */
  readonly teamIds: readonly TeamId[];
  /** Identity providers whose tokens are accepted. */
  readonly identityProviderIds: readonly IdentityProviderId[];
  readonly allowDirectKeys: boolean;
  readonly allowJwtOnRouter: boolean;
  /** The end of an answer waits until its record would outlive a crash. */
  readonly strictAudit: boolean;
  /** What is kept of prompts and answers, the organisation's word included; null: nothing. */
  readonly capture: { readonly mode: 'redacted' | 'full'; readonly retentionDays: number } | null;
  readonly policy: LlmProxyPolicy;
  /** Sealed: what its webhook guardrail's questions are signed with; null where it has none. */
  readonly sealedGuardrailSecret: string | null;
}
