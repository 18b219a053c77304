import { ApiProperty, ApiPropertyOptional, OmitType } from '@nestjs/swagger';
import { IsOptional, IsString, Length, Matches } from 'class-validator';
import { IsId, IsInstant } from '../../admin-api/field-rules.js';
import {
  GUARDRAIL_ACTIONS,
  GUARDRAIL_FAILURES,
  type GuardrailAction,
  type GuardrailFailure,
} from '../../orgs/llm-proxies/policy/guardrail.js';
import { CursorQuery } from '../../admin-api/cursor-page.js';

const NO_NUL = /^[^\0]*$/;
const NUL_ADVICE = { message: '$property must not hold a NUL character' };

export class ListInteractionsQuery extends CursorQuery {
  /** Only calls through this LLM proxy. */
  @IsOptional()
  @IsId()
  proxyId?: string;

  /** Only calls of this user, as proven by the credential. */
  @IsOptional()
  @IsId()
  userId?: string;

  /** Only calls with this virtual key. */
  @IsOptional()
  @IsId()
  virtualKeyId?: string;

  /** Only calls of this application. */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  @Matches(NO_NUL, NUL_ADVICE)
  oauthClientId?: string;

  /** Only calls that named this agent. */
  @IsOptional()
  @IsString()
  @Length(1, 256)
  @Matches(NO_NUL, NUL_ADVICE)
  agentId?: string;

  /** Only calls that named this session. */
  @IsOptional()
  @IsString()
  @Length(1, 256)
  @Matches(NO_NUL, NUL_ADVICE)
  sessionId?: string;

  /**
   * Only calls of this program, by the name shown in records: `claude-code`, `codex`, `kilo-code`, `opencode`,
   * `qwen-code`, `gemini-cli`, `cursor`, `continue`, `cline`, `roo-code`, `github-copilot`, `pi`, `open-webui`,
   * `langchain`, `ai-sdk`, `openai-sdk`, `anthropic-sdk`, `groq-sdk`, `google-genai-sdk`, `cohere-sdk`, `mistral-sdk`,
   * `aws-sdk`, `google-generative-ai-sdk`, `hugging-face-sdk`, `openrouter-sdk`, `portkey-sdk` or `curl`.
   */
  @IsOptional()
  @Matches(/^[a-z0-9-]{1,40}$/)
  clientName?: string;

  /**
   * Only calls with this authentication method: `provider-key`, `virtual-key`, `oauth-client`, `oauth-user` or
   * `idp-jwt`.
   */
  @IsOptional()
  @Matches(/^[a-z-]{1,40}$/)
  authMethod?: string;

  /** Only calls whose response had this HTTP status, or one of a class (`4xx`). */
  @IsOptional()
  @Matches(/^[1-5](?:\d\d|xx)$/, { message: 'status must be an HTTP status (429) or a class of them (4xx)' })
  status?: string;

  /** Only calls that began at this instant or later. */
  @IsOptional()
  @IsInstant()
  @ApiPropertyOptional({ format: 'date-time' })
  from?: string;

  /** Only calls that began before this instant. */
  @IsOptional()
  @IsInstant()
  @ApiPropertyOptional({ format: 'date-time' })
  to?: string;
}

/** The filters of the list; exports all matching records. */
export class ExportInteractionsQuery extends OmitType(ListInteractionsQuery, ['limit', 'cursor'] as const) {}

/** One target that the Model Router tried for a call. */
export class AttemptView {
  /** `provider:model` */
  model: string;
  /** The stored key that was used; null: none. */
  providerKeyId: string | null;
  /** HTTP status of the provider's response; null when there was none. */
  status: number | null;
  /** Stable code of a failure in Gatehouse: `upstream_unreachable`, or why the target was skipped. */
  errorCode: string | null;
}

/** A guardrail's decision about one passage. The text itself is not stored. */
export class GuardrailDecisionView {
  /** Name of the guardrail. */
  guardrail: string;
  /** The action taken. */
  @ApiProperty({ enum: GUARDRAIL_ACTIONS })
  action: GuardrailAction;
  /** Whether the passage was in the request or in the response (`answer`). */
  @ApiProperty({ enum: ['request', 'answer'] })
  on: 'request' | 'answer';
  /**
   * JSON Pointer to the text that contains it; for a stream, to the text assembled from its chunks. Empty: the whole
   * text, or a body other than JSON.
   */
  pointer: string;
  /** Characters of the text before it. */
  offset: number;
  /** Its length in characters; 0: the webhook gave no position. */
  length: number;
  /** Reason slug given by a webhook; null: none. */
  reason: string | null;
  /**
   * Why a webhook gave no usable verdict; null: it gave one, or no webhook was involved. `action` shows the
   * consequence: with `flag` the call continued without a verdict.
   */
  @ApiProperty({ enum: GUARDRAIL_FAILURES, nullable: true })
  failure: GuardrailFailure | null;
}

/**
 * The record of one call. Proven identity (method, key, application, user) and claims (agent, session, run) are
 * separate fields.
 */
export class InteractionView {
  /** Id of the call. */
  id: string;
  /** When the call began. */
  createdAt: Date;
  /** The id that the response carried as x-request-id. */
  requestId: string;
  /** The API that received the call: a provider's route or the Model Router. */
  surface: string;
  /** Authentication method of the caller; null when not authenticated. */
  authMethod: string | null;
  /** The virtual key that was used. */
  virtualKeyId: string | null;
  /** The application that called. */
  oauthClientId: string | null;
  /** Its current name; null if it has none or is deleted. */
  oauthClientName: string | null;
  /** The user that the credential belongs to. */
  userId: string | null;
  /** For a caller's own provider key: a fingerprint that distinguishes its calls from others. */
  keyFingerprint: string | null;
  /** The stored provider key that was used. */
  providerKeyId: string | null;
  /** The LLM proxy that the call used. */
  proxyId: string | null;
  /** The provider that was called. */
  provider: string | null;
  /** The operation: `chat`, `embeddings` and similar. */
  operation: string | null;
  /** HTTP method of the call. */
  method: string;
  /** Path of the call, without its query. */
  path: string;
  /** The requested model. */
  requestedModel: string | null;
  /** The model that responded, as named by the provider. */
  servedModel: string | null;
  /** Tokens of the request, cached ones included. */
  inputTokens: number | null;
  /** Tokens of the request that the provider read from its cache. */
  cachedInputTokens: number | null;
  /** Tokens of the request that the provider wrote to its cache. */
  cacheWriteTokens: number | null;
  /** Tokens of the response, reasoning included. */
  outputTokens: number | null;
  /** Tokens of the response that were spent on reasoning. */
  reasoningTokens: number | null;
  /** Whether the tokens are an estimate, because the response was cut before the provider reported them. */
  estimated: boolean;
  /** US dollars; null if the price is unknown. */
  costUsd: number | null;
  /**
   * The price that the cost is based on: `own:<id>`, a price that your organization set, or `list:<digest of the
   * rates>`; null: without cost.
   */
  @ApiProperty({ type: String, nullable: true })
  priceVersion: string | null;
  /**
   * `metered`: the provider bills the call; `subscription`: a seat at the provider covers it, and the cost is for
   * comparison only.
   */
  @ApiProperty({ enum: ['metered', 'subscription'] })
  billing: string;
  /** Milliseconds from the request to the end of the response. */
  durationMs: number;
  /** Milliseconds to the first byte of the response. */
  firstByteMs: number | null;
  /** Whether the response was streamed. */
  streaming: boolean;
  /** HTTP status of the response; 499 when the caller disconnected first. */
  status: number;
  /** How the call ended: `success`, `refused`, `upstream_error`, `error`, `client_aborted` or `cut`. */
  outcome: string;
  /** Stable code of a refusal or failure in Gatehouse. */
  errorCode: string | null;
  /** A finer reason, not disclosed to callers. Only for readers with the permission interaction:read. */
  errorReason?: string | null;
  /** The agent that the caller named. */
  agentId: string | null;
  /** The user that the caller named: a label, not proof. */
  claimedUserId: string | null;
  /** The session that the caller named, in a header or in the request's body. */
  sessionId: string | null;
  /** The run that the caller named. */
  runId: string | null;
  /**
   * Name of the calling program, if it is a known one (`claude-code`, `openai-sdk`): taken from its headers, a label
   * and not proof.
   */
  clientName: string | null;
  /** Its version. */
  clientVersion: string | null;
  /** Attempts of the Model Router for the call, in order; null on provider routes. */
  attempts: AttemptView[] | null;
  /** Findings of the LLM proxy's guardrails, at most a hundred; null: no findings, or no guardrails. */
  guardrails: GuardrailDecisionView[] | null;
  /** Whether the content of the call is stored: permitted readers find it at `/content`. */
  isContentKept: boolean;
  /** The caller's address. */
  clientAddress: string | null;
}
