/** One LLM call, from admission to record: what is known of it so far. Owned by the relay; nothing outlives the call. */
import type { ServerResponse } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { teamsOf, type Caller, type Surface } from '../auth/caller.js';
import type { UpstreamCredential } from '../keys/upstream-credential.js';
import type { ContentCapture } from '../content/content-capture.js';
import type { LlmProxy } from '../orgs/llm-proxy-policy.js';
import type { GatewayError } from '../platform/errors/gateway-error.js';
import type { InteractionId, TeamId } from '../platform/ids.js';
import { NO_FACTS, type Dialect, type MeterReading, type RequestFacts } from '../providers/dialects/dialect.js';
import type { Screening } from '../policy/guardrails/screening.js';
import { billingOf, type Billing } from '../providers/billing.js';
import type { ProviderAdapter, RoutedOperation } from '../providers/provider-adapter.js';
import type { InteractionRecord, Outcome } from '../usage/interaction-record.js';
import type { Reservation } from '../usage/limits/limit-counters.js';
import { maskCredentials } from '../platform/http/mask-credentials.js';
import { readAttribution } from './attribution.js';
import type { LlmPath } from './llm-path.js';
import type { Cuttable } from './open-exchanges.js';
import type { Route, Target } from './target.js';

export class Exchange implements Cuttable {
  readonly createdAt = Date.now();
  readonly startedMs = performance.now();
  proxy: LlmProxy | null = null;
  adapter: ProviderAdapter | null = null;
  operation: RoutedOperation | null = null;
  /** The vendor's path below its base: no leading slash, no query. */
  vendorPath = '';
  /** What follows the vendor's path, with its question mark, or empty. May hold a credential: not for logs. */
  query: string;
  facts: RequestFacts = NO_FACTS;
  /** The session that the client's body names. */
  claimedSession: string | null = null;
  /** What was left out of a body that goes out as the client wrote it; of the Model Router's calls `target` says it. */
  dropped: readonly string[] = [];
  /** The language that the provider speaks: the client's own, unless the answer is translated. */
  upstreamDialect: Dialect;
  /** The places where the call may go besides the present one; null on provider routes, which name the only one. */
  route: Route | null = null;
  /** The present one of them. */
  target: Target | null = null;
  credential: UpstreamCredential | null = null;
  /** The teams that the call is counted for. */
  teamIds: readonly TeamId[];
  /** What is held of limits for the present attempt. */
  reservation: Reservation | null = null;
  /** Null where the LLM proxy has no guardrails. */
  screening: Screening | null = null;
  /** Null where nothing is kept of what calls say. */
  capture: ContentCapture | null = null;
  /** Milliseconds that limits took; 0 where none applies. */
  limitMs = 0;
  /** `performance.now()` when each step was done. */
  resolvedMs = 0;
  headMs = 0;
  firstByteMs: number | null = null;
  status = 0;
  outcome: Outcome = 'success';
  error: GatewayError | null = null;
  reading: MeterReading | null = null;
  estimated = false;
  costMicroUsd: number | null = null;
  priceVersion: string | null = null;
  /** Usage was asked for in the stream on the client's behalf, and is taken out again. */
  usageInjected = false;
  /** An estimate, of the request as it was sent. */
  requestTokens = 0;
  /** Bytes of the body that are held in memory until the call ends. */
  bufferedBytes = 0;
  answer: Cuttable | null = null;
  /** Set when the call was ended from outside before it was on its way. */
  cutBy: GatewayError | null = null;

  constructor(
    readonly request: FastifyRequest,
    readonly response: ServerResponse,
    readonly surface: Exclude<Surface, 'admin-api'>,
    readonly caller: Caller,
    readonly path: LlmPath,
    /** The language that the client speaks. */
    readonly dialect: Dialect,
  ) {
    this.upstreamDialect = dialect;
    this.query = path.query;
    this.teamIds = teamsOf(caller);
  }

  get requestId(): string {
    return this.request.id;
  }

  /** The model that the provider is asked for, in the body or in the path. */
  get requestedModel(): string | null {
    return this.operation?.pathModel ?? this.facts.model;
  }

  /** The caller's own credential tells it from the start, a stored one when it is resolved. */
  get billing(): Billing {
    const { keySource } = this.caller;
    const secret = this.credential?.secret ?? (keySource.kind === 'presented' ? keySource.secret : null);
    return billingOf(this.adapter, secret);
  }

  /** The path in the client's language, for its errors: on the Model Router what stands below it. */
  get clientPath(): string {
    return this.surface === 'model-router' ? this.path.path : this.vendorPath;
  }

  /** Turns to the next place. What an earlier attempt left is forgotten. */
  aimAt(target: Target): void {
    this.target = target;
    this.adapter = target.adapter;
    this.operation = target.operation;
    this.vendorPath = target.vendorPath;
    this.query = target.query;
    this.facts = target.facts;
    this.upstreamDialect = target.dialect;
    this.usageInjected = target.usageInjected;
    this.credential = null;
    this.status = 0;
    this.headMs = 0;
    this.firstByteMs = null;
    this.outcome = 'success';
    this.error = null;
  }

  cut(error: GatewayError): void {
    this.cutBy = error;
    this.answer?.cut(error);
  }

  toRecord(): InteractionRecord {
    const { request, caller, adapter } = this;
    const sinceStart = (atMs: number): number => atMs - this.startedMs + (request.authMs ?? 0);
    return {
      id: request.id as InteractionId,
      organisationId: caller.organisationId,
      createdAt: this.createdAt,
      requestId: request.id,
      surface: this.surface,
      authMethod: caller.method,
      caller,
      providerKeyId: this.credential?.providerKeyId ?? null,
      proxyId: this.proxy?.id ?? null,
      provider: adapter?.id ?? null,
      operation: this.operation?.rule.operation ?? null,
      method: request.raw.method!,
      path: maskCredentials(this.path.path),
      requestedModel: this.route?.requestedModel ?? this.requestedModel,
      servedModel: this.reading?.servedModel ?? null,
      responseId: this.reading?.responseId ?? null,
      finishReasons: this.reading?.finishReasons ?? [],
      usage: this.reading?.usage ?? null,
      estimated: this.estimated,
      costMicroUsd: this.costMicroUsd,
      priceVersion: this.priceVersion,
      billing: this.billing,
      durationMs: sinceStart(performance.now()),
      firstByteMs: this.firstByteMs === null ? null : sinceStart(this.firstByteMs),
      streaming: this.facts.streaming,
      // Nginx's 499: the client hung up before it could be told anything.
      status: this.status === 0 ? 499 : this.status,
      outcome: this.outcome,
      errorCode: this.error?.code ?? null,
      errorReason: this.error?.reason ?? this.reading?.errorInBody ?? null,
      attempts: this.route?.attempts ?? null,
      guardrails: this.screening?.decisions ?? null,
      teamIds: this.teamIds,
      clientAddress: request.ip,
      ...readAttribution(request.raw.headers, this.claimedSession),
    };
  }
}
