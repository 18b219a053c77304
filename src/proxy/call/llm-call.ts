/** State of one LLM call, from admission to record. The relay owns it; nothing outlives the call. */
import type { ServerResponse } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { getTeamIds, type Caller, type Surface } from '../../auth/callers/caller.js';
import type { UpstreamCredential } from '../../keys/credentials/upstream-credential.js';
import type { ContentCapture } from '../../content/capture/content-capture.js';
import type { LlmProxy } from '../../orgs/llm-proxies/policy/llm-proxy.js';
import type { GatewayError } from '../../platform/errors/gateway-error.js';
import type { InteractionId, TeamId } from '../../platform/ids.js';
import {
  NO_REQUEST_INFO,
  type Dialect,
  type MeterReading,
  type RequestInfo,
} from '../../providers/dialects/base/dialect.js';
import type { GuardrailRun } from '../../policy/guardrails/guardrail-run.js';
import { getBilling, type Billing } from '../../providers/contract/billing.js';
import type { ProviderAdapter, RoutedOperation } from '../../providers/contract/provider-adapter.js';
import type { InteractionRecord, Outcome } from '../../usage/recording/interaction-record.js';
import type { Reservation } from '../../usage/limits/counters/limit-counters.js';
import { maskCredentials } from '../../platform/logging/mask-credentials.js';
import { readAttribution } from '../client-labels/attribution.js';
import type { LlmPath } from './llm-path.js';
import type { Abortable } from './running-calls.js';
import type { Route, Target } from './target.js';

export class LlmCall implements Abortable {
  readonly createdAt = Date.now();
  readonly startedAtMs = performance.now();
  proxy: LlmProxy | null = null;
  adapter: ProviderAdapter | null = null;
  operation: RoutedOperation | null = null;
  /** The vendor's path below its base: without leading slash and query. */
  vendorPath = '';
  /** Query of the vendor's path with its question mark, or empty. May hold a credential: not for logs. */
  query: string;
  info: RequestInfo = NO_REQUEST_INFO;
  /** Session that the client's body names. */
  claimedSession: string | null = null;
  /**
   * Members left out of a body that is otherwise sent as the client wrote it. For calls of the Model Router see
   * `target`.
   */
  dropped: readonly string[] = [];
  /** The provider's dialect: equal to the client's unless the response is translated. */
  upstreamDialect: Dialect;
  /** Further targets of the call; null on provider routes, whose path names the only target. */
  route: Route | null = null;
  /** Current target of `route`. */
  target: Target | null = null;
  credential: UpstreamCredential | null = null;
  /** Teams whose usage the call counts towards. */
  teamIds: readonly TeamId[];
  /** Reservation of limits for the current attempt. */
  reservation: Reservation | null = null;
  /** Guardrail run; null if the LLM proxy has no guardrails. */
  guardrails: GuardrailRun | null = null;
  /** Content capture; null if content is not kept. */
  capture: ContentCapture | null = null;
  /** Milliseconds spent on limits; 0 if none applies. */
  limitMs = 0;
  /** `performance.now()` at the end of each step. */
  resolvedAtMs = 0;
  headAtMs = 0;
  firstByteAtMs: number | null = null;
  status = 0;
  outcome: Outcome = 'success';
  error: GatewayError | null = null;
  reading: MeterReading | null = null;
  estimated = false;
  costMicroUsd: number | null = null;
  priceVersion: string | null = null;
  /**
   * Whether the gateway added a request for usage to the stream on the client's behalf; the usage is removed from the
   * response again.
   */
  usageInjected = false;
  /** Estimated tokens of the request as it was sent. */
  requestTokens = 0;
  /** Bytes of the body held in memory until the call ends. */
  bufferedBytes = 0;
  upstreamResponse: Abortable | null = null;
  /** Error that ended the call from outside, also before it was sent. */
  abortError: GatewayError | null = null;

  constructor(
    readonly request: FastifyRequest,
    readonly response: ServerResponse,
    readonly surface: Exclude<Surface, 'admin-api'>,
    readonly caller: Caller,
    readonly path: LlmPath,
    /** The client's dialect. */
    readonly dialect: Dialect,
  ) {
    this.upstreamDialect = dialect;
    this.query = path.query;
    this.teamIds = getTeamIds(caller);
  }

  get requestId(): string {
    return this.request.id;
  }

  /** Model requested from the provider, in the body or in the path. */
  get requestedModel(): string | null {
    return this.operation?.pathModel ?? this.info.model;
  }

  /**
   * Billing of the call. The caller's own credential determines it from the start, a stored one once it is resolved.
   */
  get billing(): Billing {
    const { keySource } = this.caller;
    const secret = this.credential?.secret ?? (keySource.kind === 'presented' ? keySource.secret : null);
    return getBilling(this.adapter, secret);
  }

  /** Path in the client's dialect, for its errors; on the Model Router the path below the router's prefix. */
  get clientPath(): string {
    return this.surface === 'model-router' ? this.path.path : this.vendorPath;
  }

  /** Switches to the next target and resets what an earlier attempt left. */
  switchTarget(target: Target): void {
    this.target = target;
    this.adapter = target.adapter;
    this.operation = target.operation;
    this.vendorPath = target.vendorPath;
    this.query = target.query;
    this.info = target.info;
    this.upstreamDialect = target.dialect;
    this.usageInjected = target.usageInjected;
    this.credential = null;
    this.status = 0;
    this.headAtMs = 0;
    this.firstByteAtMs = null;
    this.outcome = 'success';
    this.error = null;
  }

  abort(error: GatewayError): void {
    this.abortError = error;
    this.upstreamResponse?.abort(error);
  }

  toRecord(): InteractionRecord {
    const { request, caller, adapter } = this;
    const toElapsedMs = (atMs: number): number => atMs - this.startedAtMs + (request.authMs ?? 0);
    return {
      id: request.id as InteractionId,
      organizationId: caller.organizationId,
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
      durationMs: toElapsedMs(performance.now()),
      firstByteMs: this.firstByteAtMs === null ? null : toElapsedMs(this.firstByteAtMs),
      streaming: this.info.streaming,
      // Nginx's 499: the client closed the connection before any response.
      status: this.status === 0 ? 499 : this.status,
      outcome: this.outcome,
      errorCode: this.error?.code ?? null,
      errorReason: this.error?.reason ?? this.reading?.errorInBody ?? null,
      attempts: this.route?.attempts ?? null,
      guardrails: this.guardrails?.decisions ?? null,
      teamIds: this.teamIds,
      clientAddress: request.ip,
      ...readAttribution(request.raw.headers, this.claimedSession),
    };
  }
}
