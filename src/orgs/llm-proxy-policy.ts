import type { IdentityProviderId, OrgId, ProxyId, TeamId } from '../platform/ids.js';

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
  /** Names of the guardrails that look at requests and answers. */
  guardrails?: object[];
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
  readonly policy: LlmProxyPolicy;
}
