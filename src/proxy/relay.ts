/**
 * Relays one LLM call, from an admitted caller to the end of the response. `run` lists the steps of every call, in
 * order; the order is the security argument.
 */
import { Injectable } from '@nestjs/common';
import { GatewayError, toGatewayError } from '../platform/errors/gateway-error.js';
import { AppLogger } from '../platform/logging/app-logger.js';
import { checkModel, checkOperation } from '../policy/access-rules/model.policy.js';
import { findRoute } from '../providers/routes/match.js';
import { findProvider } from '../providers/registry.js';
import { CallAccounting } from './accounting/call-accounting.js';
import { applyChosenTeam } from './access/chosen-team.js';
import { writeError } from './client/error-response.js';
import { ProxyAccessGuard } from './access/proxy-access.guard.js';
import type { LlmCall } from './call/llm-call.js';
import { buildGatewayHeaders, buildRouteHeaders } from './headers/gateway.js';
import { orTemporarilyUnavailable } from './call/temporarily-unavailable.js';
import { isMergedList } from './upstream/merged-model-list.js';
import type { PlanRoute } from './call/plan-route.js';
import type { GatewayResponse, Route } from './call/target.js';
import { RunningCalls } from './call/running-calls.js';
import { RequestBodies } from './request/body.js';
import { readRequest } from './request/inspected-body.js';
import { isRetryable } from './call/retryable-failure.js';
import { RequestGuardrails } from './request/guardrails.js';
import { readRetryAfterSeconds } from './headers/retry-after.js';
import type { UpstreamListener } from './upstream/listener.js';
import { UpstreamSender } from './upstream/sender.js';

@Injectable()
export class Relay implements UpstreamListener {
  constructor(
    private readonly accessGuard: ProxyAccessGuard,
    private readonly bodies: RequestBodies,
    private readonly requestGuardrails: RequestGuardrails,
    private readonly upstream: UpstreamSender,
    private readonly accounting: CallAccounting,
    private readonly runningCalls: RunningCalls,
    private readonly logger: AppLogger,
  ) {}

  /**
   * Runs the call until the request to the provider has begun. Sends the response to every failure, in the client's dialect.
   */
  async run(call: LlmCall): Promise<void> {
    this.runningCalls.add(call.caller, call);
    try {
      call.adapter = findProvider(call.path.provider) ?? null;
      const authorized = this.accessGuard.authorizeProxy(call);
      if (authorized instanceof Promise) await authorized;
      // resolve target
      this.#resolveTarget(call);
      checkOperation(call.operation!, call.caller, call.proxy!);
      const read = readRequest(call, this.bodies);
      const body = read instanceof Promise ? await read : read;
      const explained = this.accessGuard.explain(call, body);
      if (explained) await explained;
      await this.#send(call, body);
    } catch (error) {
      this.#refuse(call, toGatewayError(error));
    }
  }

  /** As `run`, for paths that do not name the target: `plan` finds the targets once the LLM proxy is authorized. */
  async route(call: LlmCall, plan: PlanRoute): Promise<void> {
    this.runningCalls.add(call.caller, call);
    try {
      const authorized = this.accessGuard.authorizeProxy(call);
      if (authorized instanceof Promise) await authorized;
      const body = await this.bodies.read(call.request.raw, call.response, call);
      const explained = this.accessGuard.explain(call, body);
      if (explained) await explained;
      const checked = this.requestGuardrails.apply(call, body);
      const found = await plan(call, checked instanceof Promise ? await checked : checked);
      if ('body' in found) return this.#sendGatewayResponse(call, found);
      call.route = found;
      await this.#sendToNext(call, found);
    } catch (error) {
      this.#refuse(call, toGatewayError(error));
    }
  }

  /** Sends a response that needs no provider. */
  #sendGatewayResponse(call: LlmCall, { operation, body }: GatewayResponse): void {
    call.operation = operation;
    call.status = 200;
    const bytes = Buffer.from(body);
    const { requestId } = call;
    const ids = ['x-request-id', requestId, 'request-id', requestId];
    const headers = ['content-type', 'application/json', 'content-length', String(bytes.length)];
    this.finish(call, () => call.response.writeHead(200, [...headers, ...ids, ...call.request.corsHeaders]).end(bytes));
  }

  async #sendMergedList(call: LlmCall): Promise<void> {
    this.#sendGatewayResponse(call, { operation: call.operation!, body: await this.upstream.fetchMergedList(call) });
  }

  async #sendToNext(call: LlmCall, route: Route): Promise<void> {
    const next = route.next();
    const target = next instanceof Promise ? await next : next;
    call.switchTarget(target);
    checkOperation(target.operation, call.caller, call.proxy!);
    try {
      await this.#send(call, target.body);
    } catch (error) {
      if (!this.failOver(call, toGatewayError(error))) throw error;
    }
  }

  /** Runs the steps that follow once the target is known: request guardrails, limits, credential, forwarding. */
  async #send(call: LlmCall, original: Buffer | null): Promise<void> {
    // request guardrails
    const checked = this.#checkRequest(call, original);
    const body = checked instanceof Promise ? await checked : checked;
    // reserve limits
    const owner = applyChosenTeam(call);
    const reserved = this.accounting.reserve(call, owner, body);
    if (reserved instanceof Promise) await orTemporarilyUnavailable(reserved);
    // resolve credential
    const resolved = this.upstream.resolveCredential(call, owner);
    if (resolved instanceof Promise) await orTemporarilyUnavailable(resolved);
    const loaded = this.accounting.loadPrices(call);
    if (loaded instanceof Promise) await orTemporarilyUnavailable(loaded);
    call.resolvedAtMs = performance.now();
    // forward
    if (isMergedList(call)) return this.#sendMergedList(call);
    await this.upstream.send(call, body, this);
  }

  #resolveTarget(call: LlmCall): void {
    const { adapter } = call;
    if (!adapter || call.path.path === '') {
      throw new GatewayError('path_not_found', 'No endpoint has this path. Check the base URL of your client.');
    }
    call.vendorPath = adapter.normalizePath(call.path.path);
    call.operation = findRoute(adapter, call.request.raw.method!, call.vendorPath);
  }

  /**
   * Checks the model and returns the body as guardrails allow it. On the Model Router, guardrails check it before it is
   * translated.
   */
  #checkRequest(call: LlmCall, body: Buffer | null): Buffer | null | Promise<Buffer> {
    const { info, adapter, operation, caller } = call;
    const request = {
      provider: adapter!.id,
      model: call.requestedModel,
      otherModels: info.otherModels,
      maxOutputTokens: info.maxOutputTokens,
    };
    checkModel(request, operation!, caller, call.proxy!);
    return call.route ? body : this.requestGuardrails.apply(call, body);
  }

  failOver(call: LlmCall, failure: number | GatewayError, rawHeaders: readonly Buffer[] = []): boolean {
    const { route } = call;
    if (!route) return false;
    const status = typeof failure === 'number' ? failure : null;
    const errorCode = typeof failure === 'number' ? null : failure.code;
    const mayHaveRetryAfter = status === 429 || status === 503;
    const providerKeyId = call.credential?.providerKeyId ?? null;
    route.recordAttempt(
      { status, errorCode, providerKeyId },
      mayHaveRetryAfter ? readRetryAfterSeconds(rawHeaders) : null,
    );
    if (!isRetryable({ status, errorCode })) return false;
    if (!route.hasNext || call.abortError || call.response.destroyed) return false;
    this.accounting.releaseReservation(call);
    this.#sendToNext(call, route).catch((error: unknown) => this.#refuse(call, toGatewayError(error)));
    return true;
  }

  buildGatewayHeaders(call: LlmCall): string[] {
    return buildGatewayHeaders(call);
  }

  priceUsage(call: LlmCall): void {
    this.accounting.priceUsage(call);
  }

  fail(call: LlmCall, failure: GatewayError): void {
    const error = call.route?.finalError(failure) ?? failure;
    call.error = error;
    if (error !== failure) call.outcome = 'upstream_error';
    call.status = error.status;
    if (error.status >= 500) {
      const { code, reason, internal, cause } = error;
      // The record holds code and reason; the log holds everything else that helps to repair the fault.
      this.logger.pino.warn({ requestId: call.requestId, code, reason, internal, err: cause }, error.title);
    }
    this.finish(call, () =>
      writeError(call.request, call.response, call.dialect, error, call.clientPath, buildRouteHeaders(call)),
    );
  }

  finish(call: LlmCall, send?: () => void): void {
    if (call.outcome === 'success' || call.outcome === 'upstream_error') call.route?.complete();
    this.bodies.release(call);
    if (send && call.proxy?.strictAudit) return this.#sendWhenRecorded(call, send);
    send?.();
    this.runningCalls.remove(call.caller, call);
    this.accounting.close(call);
  }

  /**
   * Sends the end of a response only when its record is stored; a response whose record could be lost is never seen
   * whole.
   */
  #sendWhenRecorded(call: LlmCall, send: () => void): void {
    this.accounting
      .closeDurably(call)
      .then(send)
      .catch((error: unknown) => {
        this.logger.pino.error(
          { requestId: call.requestId, err: error },
          'response aborted: its record could not be stored',
        );
        call.response.destroy();
      })
      .finally(() => this.runningCalls.remove(call.caller, call));
  }

  #refuse(call: LlmCall, error: GatewayError): void {
    const providerKeyId = call.credential?.providerKeyId ?? null;
    call.route?.recordAttempt({ status: null, errorCode: error.code, providerKeyId });
    call.error = error;
    call.outcome = error.status >= 500 ? 'error' : 'refused';
    if (error.reason === 'client_aborted') call.outcome = 'client_aborted';
    this.fail(call, error);
  }
}
