/** The record of one call, and the table of its columns: a new field is a line here, in its producer, and in the DTO. */
import { getClientId, getUserId, getVirtualKeyId, type Caller, type Surface } from '../../auth/callers/caller.js';
import type { GuardrailDecision } from '../../orgs/llm-proxies/policy/guardrail.js';
import type { InteractionId, OrgId, ProviderKeyId, ProxyId, TeamId } from '../../platform/ids.js';
import type { Billing } from '../../providers/contract/billing.js';
import type { TokenUsage } from '../../providers/dialects/base/dialect.js';
import { toUsd } from '../prices/usd.js';
import {
  computed,
  getEmptyFields,
  hidden,
  nullable,
  required,
  restricted,
  shownAs,
  withDefault,
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
const tokens = (member: keyof TokenUsage) =>
  shownAs(
    computed('bigint', ({ usage }: UnstoredFields) => usage?.[member]),
    Number,
  );

const identity = (type: 'uuid' | 'text', read: (caller: Caller) => string | null) =>
  computed(type, ({ caller }: UnstoredFields) => caller && read(caller));

const getFingerprint = ({ subject }: Caller): string | null =>
  subject.type === 'key-holder' ? subject.fingerprint : null;

const orNull = <Value>(list: readonly Value[] | null): readonly Value[] | null => (list?.length ? list : null);

const showDecision = (decision: GuardrailDecision): object => ({
  ...decision,
  reason: decision.reason ?? null,
  failure: decision.failure ?? null,
});

/**
 * The columns of `interaction` in the order of the API's view. Proven identity (method, key, client, user) and claims
 * (agent, session, run, claimed user) are separate columns.
 */
export const COLUMNS = {
  id: required<InteractionId>('uuid', { isPrimary: true }),
  /** Calls without an organization belong to the deployment's default one. */
  organizationId: hidden({
    ...nullable<OrgId>('uuid', {
      insertedSql: 'coalesce(organization_id, (SELECT id FROM organization WHERE is_default))',
    }),
    isNullable: false,
  }),
  /** Unix milliseconds. The table is partitioned by its day. */
  createdAt: required<number, Date>('timestamptz', {
    isPrimary: true,
    precision: 3,
    toJson: (at) => new Date(at).toISOString(),
  }),
  requestId: required<string>('text'),
  surface: required<Surface>('text'),
  authMethod: nullable<string>('text'),
  credentialId: hidden(identity('text', ({ credentialId }) => credentialId)),
  virtualKeyId: identity('uuid', getVirtualKeyId),
  oauthClientId: identity('text', getClientId),
  userId: identity('uuid', getUserId),
  keyFingerprint: identity('text', getFingerprint),
  providerKeyId: nullable<ProviderKeyId>('uuid'),
  proxyId: nullable<ProxyId>('uuid'),
  provider: nullable<string>('text'),
  operation: nullable<string>('text'),
  method: required<string>('text'),
  /** Without query. */
  path: required<string>('text'),
  requestedModel: nullable<string>('text'),
  servedModel: nullable<string>('text'),
  inputTokens: tokens('inputTokens'),
  cachedInputTokens: tokens('cachedInputTokens'),
  cacheWriteTokens: tokens('cacheWriteTokens'),
  /** Part of `cacheWriteTokens` that is cached for an hour. */
  longCacheWriteTokens: hidden(tokens('longCacheWriteTokens')),
  outputTokens: tokens('outputTokens'),
  reasoningTokens: tokens('reasoningTokens'),
  estimated: withDefault<boolean>('boolean', false),
  /** Micro US dollars. */
  costMicroUsd: shownAs(nullable<number>('double precision'), toUsd, 'costUsd'),
  /** The price that the cost is based on (see `PriceBook.price`): `own:<id>` or `list:<digest>`. */
  priceVersion: nullable<string>('text'),
  /** Rows spooled by an earlier version have none. */
  billing: withDefault<Billing>('text', 'metered', { insertedSql: `coalesce(billing, 'metered')` }),
  durationMs: required<number>('double precision'),
  firstByteMs: nullable<number>('double precision'),
  streaming: withDefault<boolean>('boolean', false),
  status: required<number>('smallint'),
  outcome: required<Outcome>('text'),
  errorCode: nullable<string>('text'),
  errorReason: restricted(nullable<string>('text')),
  agentId: nullable<string>('text'),
  claimedUserId: nullable<string>('text'),
  sessionId: nullable<string>('text'),
  runId: nullable<string>('text'),
  /** Name of the calling program, if it is a known one: `claude-code`, `openai-sdk`. */
  clientName: nullable<string>('text'),
  clientVersion: nullable<string>('text'),
  /** Attempts of the Model Router, in order; null on other surfaces. */
  attempts: nullable<readonly Attempt[]>('jsonb'),
  /** Decisions of guardrails; null without guardrails. */
  guardrails: shownAs(
    nullable<readonly GuardrailDecision[]>('jsonb', { toJson: orNull }),
    (decisions: readonly GuardrailDecision[]) => decisions.map(showDecision),
  ),
  /** The teams that the call was counted for. */
  teamIds: hidden({
    ...required<readonly TeamId[], readonly TeamId[] | null>('uuid[]', { toJson: orNull }),
    isNullable: true,
    empty: [] as readonly TeamId[],
  }),
  clientAddress: nullable<string>('text'),
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
