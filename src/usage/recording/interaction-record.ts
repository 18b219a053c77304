/** The record of one call, and the table of its columns: a new field is a line here, in its producer, and in the DTO. */
import { getClientId, getUserId, getVirtualKeyId, type Caller, type Surface } from '../../auth/callers/caller.js';
import type { GuardrailDecision } from '../../orgs/llm-proxies/policy/guardrail.js';
import type { InteractionId, OrgId, ProviderKeyId, ProxyId, TeamId } from '../../platform/ids.js';
import type { Billing } from '../../providers/contract/billing.js';
import type { TokenUsage } from '../../providers/dialects/base/dialect.js';
import { toUsd } from '../prices/usd.js';
import {
  defineComputed,
  getEmptyFields,
  hide,
  defineNullable,
  defineRequired,
  restrict,
  withView,
  defineWithDefault,
  type FieldsOf,
  type RowOf,
} from './column.js';

/**
 * How a call ended. `error`: refused or failed in Gatehouse; `upstream_error`: the provider responded with an error
 * status.
 */
export type Outcome = 'success' | 'refused' | 'upstream_error' | 'error' | 'client_aborted' | 'cut';

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

/** Fields of a record that are stored in several columns or not at all. */
interface UnstoredFields {
  caller: Caller | null;
  usage: TokenUsage | null;
  /** The vendor's id of the response, for traces. */
  responseId: string | null;
  /** The vendor's finish reason of each choice, for traces. */
  finishReasons: readonly string[];
}

/** The database returns 64-bit integers as text; token counts fit a number. */
const defineTokenColumn = (member: keyof TokenUsage) =>
  withView(
    defineComputed('bigint', ({ usage }: UnstoredFields) => usage?.[member]),
    Number,
  );

const defineCallerColumn = (type: 'uuid' | 'text', read: (caller: Caller) => string | null) =>
  defineComputed(type, ({ caller }: UnstoredFields) => caller && read(caller));

const getFingerprint = ({ subject }: Caller): string | null =>
  subject.type === 'key-holder' ? subject.fingerprint : null;

const toNullIfEmpty = <Value>(list: readonly Value[] | null): readonly Value[] | null => (list?.length ? list : null);

const toDecisionView = (decision: GuardrailDecision): object => ({
  ...decision,
  reason: decision.reason ?? null,
  failure: decision.failure ?? null,
});

/**
 * The columns of `interaction` in the order of the API's view. Proven identity (method, key, client, user) and claims
 * (agent, session, run, claimed user) are separate columns.
 */
export const COLUMNS = {
  id: defineRequired<InteractionId>('uuid', { isPrimary: true }),
  /** Calls without an organization belong to the deployment's default one. */
  organizationId: hide({
    ...defineNullable<OrgId>('uuid', {
      insertedSql: 'coalesce(organization_id, (SELECT id FROM organization WHERE is_default))',
    }),
    isNullable: false,
  }),
  /** Unix milliseconds. The table is partitioned by its day. */
  createdAt: defineRequired<number, Date>('timestamptz', {
    isPrimary: true,
    precision: 3,
    toJson: (at) => new Date(at).toISOString(),
  }),
  requestId: defineRequired<string>('text'),
  surface: defineRequired<Surface>('text'),
  authMethod: defineNullable<string>('text'),
  credentialId: hide(defineCallerColumn('text', ({ credentialId }) => credentialId)),
  virtualKeyId: defineCallerColumn('uuid', getVirtualKeyId),
  oauthClientId: defineCallerColumn('text', getClientId),
  userId: defineCallerColumn('uuid', getUserId),
  keyFingerprint: defineCallerColumn('text', getFingerprint),
  providerKeyId: defineNullable<ProviderKeyId>('uuid'),
  proxyId: defineNullable<ProxyId>('uuid'),
  provider: defineNullable<string>('text'),
  operation: defineNullable<string>('text'),
  method: defineRequired<string>('text'),
  /** Without query. */
  path: defineRequired<string>('text'),
  requestedModel: defineNullable<string>('text'),
  servedModel: defineNullable<string>('text'),
  inputTokens: defineTokenColumn('inputTokens'),
  cachedInputTokens: defineTokenColumn('cachedInputTokens'),
  cacheWriteTokens: defineTokenColumn('cacheWriteTokens'),
  /** Part of `cacheWriteTokens` that is cached for an hour. */
  longCacheWriteTokens: hide(defineTokenColumn('longCacheWriteTokens')),
  outputTokens: defineTokenColumn('outputTokens'),
  reasoningTokens: defineTokenColumn('reasoningTokens'),
  estimated: defineWithDefault<boolean>('boolean', false),
  /** Micro US dollars. */
  costMicroUsd: withView(defineNullable<number>('double precision'), toUsd, 'costUsd'),
  /** The price that the cost is based on (see `PriceBook.price`): `own:<id>` or `list:<digest>`. */
  priceVersion: defineNullable<string>('text'),
  /** Rows spooled by an earlier version have none. */
  billing: defineWithDefault<Billing>('text', 'metered', { insertedSql: `coalesce(billing, 'metered')` }),
  durationMs: defineRequired<number>('double precision'),
  firstByteMs: defineNullable<number>('double precision'),
  streaming: defineWithDefault<boolean>('boolean', false),
  status: defineRequired<number>('smallint'),
  outcome: defineRequired<Outcome>('text'),
  errorCode: defineNullable<string>('text'),
  errorReason: restrict(defineNullable<string>('text')),
  agentId: defineNullable<string>('text'),
  claimedUserId: defineNullable<string>('text'),
  sessionId: defineNullable<string>('text'),
  runId: defineNullable<string>('text'),
  /** Name of the calling program, if it is a known one: `claude-code`, `openai-sdk`. */
  clientName: defineNullable<string>('text'),
  clientVersion: defineNullable<string>('text'),
  /** Attempts of the Model Router, in order; null on other surfaces. */
  attempts: defineNullable<readonly Attempt[]>('jsonb'),
  /** Decisions of guardrails; null without guardrails. */
  guardrails: withView(
    defineNullable<readonly GuardrailDecision[]>('jsonb', { toJson: toNullIfEmpty }),
    (decisions: readonly GuardrailDecision[]) => decisions.map(toDecisionView),
  ),
  /** The teams that the call was counted for. */
  teamIds: hide({
    ...defineRequired<readonly TeamId[], readonly TeamId[] | null>('uuid[]', { toJson: toNullIfEmpty }),
    isNullable: true,
    empty: [] as readonly TeamId[],
  }),
  clientAddress: defineNullable<string>('text'),
};

/** Durations in milliseconds. Built once per call and then owned by the recorder. */
export type InteractionRecord = FieldsOf<typeof COLUMNS> & UnstoredFields;

/** A record as read from the database. */
export type InteractionRow = RowOf<typeof COLUMNS>;

/** Claims of the client about itself: labels, never proof. */
export type Attribution = Pick<
  InteractionRecord,
  'agentId' | 'claimedUserId' | 'sessionId' | 'runId' | 'clientName' | 'clientVersion'
>;

/** The fields of a call that ended before its caller and target were known. */
export const EMPTY_RECORD = Object.freeze({
  ...getEmptyFields(COLUMNS),
  caller: null,
  usage: null,
  responseId: null,
  finishReasons: [],
});
