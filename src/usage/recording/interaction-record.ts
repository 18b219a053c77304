import type { Caller } from '../../auth/callers/caller.js';
import { getUserId, type Surface } from '../../auth/callers/caller.js';
import type { GuardrailDecision } from '../../orgs/llm-proxies/policy/guardrail.js';
import type { InteractionId, OrgId, ProviderKeyId, ProxyId, TeamId } from '../../platform/ids.js';
import type { Billing } from '../../providers/contract/billing.js';
import type { TokenUsage } from '../../providers/dialects/base/dialect.js';

/**
 * How a call ended. `error`: refused or failed in Gatehouse; `upstream_error`: the provider responded with an error
 * status.
 */
export type Outcome = 'success' | 'refused' | 'upstream_error' | 'error' | 'client_aborted' | 'cut';

/** Claims of the client about itself: labels, never proof. */
export interface Attribution {
  agentId: string | null;
  claimedUserId: string | null;
  sessionId: string | null;
  runId: string | null;
  /** Name of the calling program, if it is a known one: `claude-code`, `openai-sdk`. */
  clientName: string | null;
  clientVersion: string | null;
}

/** One target that the Model Router tried for a call. */
export interface Attempt {
  /** `provider:model` */
  readonly model: string;
  readonly providerKeyId: ProviderKeyId | null;
  /** HTTP status of the provider; null when it did not respond, or no request was sent. */
  readonly status: number | null;
  /** Gatehouse's error code, if the attempt failed or the target was skipped. */
  readonly errorCode: string | null;
}

/**
 * The record of one call. Durations in milliseconds, cost in micro US dollars. Built once per call and then owned by
 * the recorder.
 */
export interface InteractionRecord extends Attribution {
  id: InteractionId;
  organizationId: OrgId | null;
  /** Unix milliseconds. */
  createdAt: number;
  requestId: string;
  surface: Surface;
  authMethod: string | null;
  caller: Caller | null;
  providerKeyId: ProviderKeyId | null;
  proxyId: ProxyId | null;
  provider: string | null;
  operation: string | null;
  method: string;
  /** Without query. */
  path: string;
  requestedModel: string | null;
  servedModel: string | null;
  /** The vendor's id of the response, for traces. */
  responseId: string | null;
  /** The vendor's finish reason of each choice, for traces. */
  finishReasons: readonly string[];
  usage: TokenUsage | null;
  estimated: boolean;
  costMicroUsd: number | null;
  /** The price that the cost is based on; see `PriceBook.rate`. */
  priceVersion: string | null;
  billing: Billing;
  durationMs: number;
  firstByteMs: number | null;
  streaming: boolean;
  status: number;
  outcome: Outcome;
  errorCode: string | null;
  errorReason: string | null;
  /** Attempts of the Model Router, in order; null on other surfaces. */
  attempts: readonly Attempt[] | null;
  /** Decisions of guardrails; null without guardrails. */
  guardrails: readonly GuardrailDecision[] | null;
  /** The teams that the call was counted for. */
  teamIds: readonly TeamId[];
  clientAddress: string | null;
}

const NO_CALLER = { credentialId: null, virtualKeyId: null, oauthClientId: null, userId: null, keyFingerprint: null };

/** Returns the proven identity of the caller, in the columns of the record. */
export function getCallerIdentity(caller: Caller | null): Record<keyof typeof NO_CALLER, string | null> {
  if (!caller) return NO_CALLER;
  const { subject } = caller;
  return {
    credentialId: caller.credentialId,
    virtualKeyId: subject.type === 'virtual-key' ? subject.id : null,
    oauthClientId: subject.type === 'app' ? subject.id : subject.type === 'user' ? subject.viaClient : null,
    userId: getUserId(caller),
    keyFingerprint: subject.type === 'key-holder' ? subject.fingerprint : null,
  };
}
