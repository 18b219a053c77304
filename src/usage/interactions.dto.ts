import { ApiProperty, ApiPropertyOptional, OmitType } from '@nestjs/swagger';
import { IsOptional, IsString, Length, Matches } from 'class-validator';
import { IsId } from '../orgs/field-rules.js';
import {
  GUARDRAIL_ACTIONS,
  GUARDRAIL_FAILURES,
  type GuardrailAction,
  type GuardrailDecision,
  type GuardrailFailure,
} from '../orgs/guardrail.js';
import { CursorQuery, IsInstant } from '../platform/page.js';
import type { InteractionEntity } from './interaction.entity.js';

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

  /** Only calls of this program, by the name that records show: `claude-code`, `codex`, `kilo-code`, `opencode`, `qwen-code`, `gemini-cli`, `cursor`, `continue`, `cline`, `roo-code`, `github-copilot`, `pi`, `open-webui`, `langchain`, `ai-sdk`, `openai-sdk`, `anthropic-sdk`, `groq-sdk`, `google-genai-sdk`, `cohere-sdk`, `mistral-sdk`, `aws-sdk`, `google-generative-ai-sdk`, `hugging-face-sdk`, `openrouter-sdk`, `portkey-sdk` or `curl`. */
  @IsOptional()
  @Matches(/^[a-z0-9-]{1,40}$/)
  clientName?: string;

  /** Only calls that came in this way: `provider-key`, `virtual-key`, `oauth-client`, `oauth-user` or `idp-jwt`. */
  @IsOptional()
  @Matches(/^[a-z-]{1,40}$/)
  authMethod?: string;

  /** Only calls answered with this HTTP status, or with one of a class (`4xx`). */
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

/** The filters of the list, for all that they let through. */
export class ExportInteractionsQuery extends OmitType(ListInteractionsQuery, ['limit', 'cursor'] as const) {}

/** One place where the Model Router tried a call. */
export class AttemptView {
  /** `provider:model` */
  model: string;
  /** The stored key that was used; null: none was. */
  providerKeyId: string | null;
  /** HTTP status of the provider's answer; null when there was none. */
  status: number | null;
  /** The stable code of a failure of ours: `upstream_unreachable`, or why the place was passed over. */
  errorCode: string | null;
}

/** What a guardrail decided about one place. The text itself is nowhere kept. */
export class GuardrailDecisionView {
  /** Name of the guardrail. */
  guardrail: string;
  /** What came of it. */
  @ApiProperty({ enum: GUARDRAIL_ACTIONS })
  action: GuardrailAction;
  /** Whether it was in the request or in the answer. */
  @ApiProperty({ enum: ['request', 'answer'] })
  on: 'request' | 'answer';
  /** JSON Pointer to the text it was in; in a stream to the text that the pieces make up. Empty: all of it, or what was no JSON. */
  pointer: string;
  /** Characters of the text before it. */
  offset: number;
  /** Its length in characters; 0: a webhook told no place. */
  length: number;
  /** The slug that a webhook gave as its reason; null: none. */
  reason: string | null;
  /** Why a webhook gave no usable word; null: it did, or none was asked. `action` tells what came of it: with `flag` the call went on without. */
  @ApiProperty({ enum: GUARDRAIL_FAILURES, nullable: true })
  failure: GuardrailFailure | null;
}

/** The record of one call. What was proven (method, key, application, user) and what was claimed (agent, session, run) are kept apart. */
export class InteractionView {
  /** Id of the call. */
  id: string;
  /** When the call began. */
  createdAt: Date;
  /** The number that the call's answer carried as x-request-id. */
  requestId: string;
  /** Where the call came in: a provider's route or the Model Router. */
  surface: string;
  /** How the caller was known; null when they were not. */
  authMethod: string | null;
  /** The virtual key that was used. */
  virtualKeyId: string | null;
  /** The application that called. */
  oauthClientId: string | null;
  /** Its present name; null if there is none or it is deleted. */
  oauthClientName: string | null;
  /** The user that the credential belongs to. */
  userId: string | null;
  /** For a provider key of the caller's own: a fingerprint of it, by which its calls can be told from others. */
  keyFingerprint: string | null;
  /** The stored provider key that was used. */
  providerKeyId: string | null;
  /** The LLM proxy that the call came in by. */
  proxyId: string | null;
  /** The provider that was called. */
  provider: string | null;
  /** What was asked of it: `chat`, `embeddings` and the like. */
  operation: string | null;
  /** HTTP method of the call. */
  method: string;
  /** Path of the call, without its query. */
  path: string;
  /** The model that was asked for. */
  requestedModel: string | null;
  /** The model that answered, as the provider names it. */
  servedModel: string | null;
  /** Tokens of the request, cached ones included. */
  inputTokens: number | null;
  /** Tokens of the request that the provider read from its cache. */
  cachedInputTokens: number | null;
  /** Tokens of the request that the provider wrote to its cache. */
  cacheWriteTokens: number | null;
  /** Tokens of the answer, reasoning included. */
  outputTokens: number | null;
  /** Tokens of the answer that were spent on reasoning. */
  reasoningTokens: number | null;
  /** Whether the tokens are an estimate, because the answer was cut before the provider told them. */
  estimated: boolean;
  /** US dollars; null where no price is known. */
  costUsd: number | null;
  /** By what the cost was reckoned: `own:<id>`, a price that your organisation set, or `list:<digest of the rates>`; null: there is no cost. */
  @ApiProperty({ type: String, nullable: true })
  priceVersion: string | null;
  /** `metered`: the provider bills the call; `subscription`: a seat at the provider covers it, and its cost is for comparison. */
  @ApiProperty({ enum: ['metered', 'subscription'] })
  billing: string;
  /** Milliseconds from the request to the end of the answer. */
  durationMs: number;
  /** Milliseconds to the first byte of the answer. */
  firstByteMs: number | null;
  /** Whether the answer was streamed. */
  streaming: boolean;
  /** HTTP status of the answer; 499 when the caller hung up first. */
  status: number;
  /** How the call ended: `success`, `refused`, `upstream_error`, `error`, `client_aborted` or `cut`. */
  outcome: string;
  /** The stable code of a refusal or failure of ours. */
  errorCode: string | null;
  /** A finer reason, which callers are not told. Only for readers with the permission interaction:read. */
  errorReason?: string | null;
  /** The agent that the caller named. */
  agentId: string | null;
  /** The user that the caller named: a label, not proof. */
  claimedUserId: string | null;
  /** The session that the caller named, in a header or in the request's body. */
  sessionId: string | null;
  /** The run that the caller named. */
  runId: string | null;
  /** The program that called, where it is a known one (`claude-code`, `openai-sdk`): by its headers, a label and not proof. */
  clientName: string | null;
  /** Its version. */
  clientVersion: string | null;
  /** What the Model Router tried for the call, in order; null on provider routes. */
  attempts: AttemptView[] | null;
  /** What the guardrails of the LLM proxy found, at most a hundred places; null: nothing, or there are none. */
  guardrails: GuardrailDecisionView[] | null;
  /** Whether what the call said is kept: those who may read it find it at `/content`. */
  isContentKept: boolean;
  /** The caller's address. */
  clientAddress: string | null;
}

const toDecisionView = (decision: GuardrailDecision): GuardrailDecisionView => ({
  ...decision,
  reason: decision.reason ?? null,
  failure: decision.failure ?? null,
});

const MICRO = 1_000_000;
/** A millionth of a micro-dollar: finer than any price, coarser than the noise of floating point. */
const COST_DECIMALS = 12;

/** US dollars. */
export const toUsd = (microUsd: number): number => Number((microUsd / MICRO).toFixed(COST_DECIMALS));

/** `full`: for a reader of all records. */
export function toInteractionView(
  row: InteractionEntity,
  full: boolean,
): Omit<InteractionView, 'isContentKept' | 'oauthClientName'> {
  return {
    id: row.id,
    createdAt: row.createdAt,
    requestId: row.requestId,
    surface: row.surface,
    authMethod: row.authMethod,
    virtualKeyId: row.virtualKeyId,
    oauthClientId: row.oauthClientId,
    userId: row.userId,
    keyFingerprint: row.keyFingerprint,
    providerKeyId: row.providerKeyId,
    proxyId: row.proxyId,
    provider: row.provider,
    operation: row.operation,
    method: row.method,
    path: row.path,
    requestedModel: row.requestedModel,
    servedModel: row.servedModel,
    inputTokens: tokens(row.inputTokens),
    cachedInputTokens: tokens(row.cachedInputTokens),
    cacheWriteTokens: tokens(row.cacheWriteTokens),
    outputTokens: tokens(row.outputTokens),
    reasoningTokens: tokens(row.reasoningTokens),
    estimated: row.estimated,
    costUsd: row.costMicroUsd === null ? null : toUsd(row.costMicroUsd),
    priceVersion: row.priceVersion,
    billing: row.billing,
    durationMs: row.durationMs,
    firstByteMs: row.firstByteMs,
    streaming: row.streaming,
    status: row.status,
    outcome: row.outcome,
    errorCode: row.errorCode,
    ...(full ? { errorReason: row.errorReason } : {}),
    agentId: row.agentId,
    claimedUserId: row.claimedUserId,
    sessionId: row.sessionId,
    runId: row.runId,
    clientName: row.clientName,
    clientVersion: row.clientVersion,
    attempts: row.attempts,
    guardrails: row.guardrails?.map(toDecisionView) ?? null,
    clientAddress: row.clientAddress,
  };
}

/** The database hands 64-bit integers out as text; token counts fit a number. */
const tokens = (count: string | null): number | null => (count === null ? null : Number(count));
