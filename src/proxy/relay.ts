/**
 * Relays one LLM call, from an admitted caller to the end of the response. `run` lists the steps of every call, in
 * order; the order is the security argument.
 */
import { Injectable } from '@nestjs/common';
import { GatewayError, toGatewayError } from '../platform/errors/gateway-error.js';
import { AppLogger } from '../platform/logging/app-logger.js';
import { checkModel, checkOperation } from '../policy/access-rules/model.policy.js';
import { routeFor } from '../providers/routes/match.js';
import { findProvider } from '../providers/registry.js';
import { CallAccount } from './accounting/call-account.js';
import { withChosenTeam } from './access/chosen-team.js';
import { writeError } from './client/error-response.js';
import { Entrance } from './access/proxy-access.guard.js';
import type { Exchange } from './call/llm-call.js';
import { headersOfOurs, routeHeaders } from './headers/gateway.js';
import { lookedUp } from './call/temporarily-unavailable.js';
import { isMergedList } from './upstream/merged-model-list.js';
import type { OwnAnswer, Plan, Route } from './call/target.js';
import { OpenExchanges } from './call/running-calls.js';
import { RequestBodies } from './request/body.js';
import { readRequest } from './request/inspected-body.js';
import { isPlaceFailure } from './call/retryable-failure.js';
import { RequestScreen } from './request/guardrails.js';
import { retryAfterSeconds } from './headers/retry-after.js';
import type { UpstreamListener } from './upstream/listener.js';
import { UpstreamSender } from './upstream/sender.js';

@Injectable()
export class Relay implements UpstreamListener {
  constructor(
    private readonly entrance: Entrance,
    private readonly bodies: RequestBodies,
    private readonly requests: RequestScreen,
    private readonly upstream: UpstreamSender,
    private readonly account: CallAccount,
    private readonly open: OpenExchanges,
    private readonly logger: AppLogger,
  ) {}

  /**
   * Runs the call until the provider's request is under way. Every failure is answered here, in the client's dialect.
   */
  async run(exchange: Exchange): Promise<void> {
    this.open.add(exchange.caller, exchange);
    try {
      exchange.adapter = findProvider(exchange.path.provider) ?? null;
      const entered = this.entrance.enter(exchange);
      if (entered instanceof Promise) await entered;
      // aim
      this.#aim(exchange);
      checkOperation(exchange.operation!, exchange.caller, exchange.proxy!);
      const read = readRequest(exchange, this.bodies);
      const body = read instanceof Promise ? await read : read;
      const explained = this.entrance.explain(exchange, body);
      if (explained) await explained;
      await this.#send(exchange, body);
    } catch (error) {
      this.#refuse(exchange, toGatewayError(error));
    }
  }

  /** As `run`, for paths that do not name the target: `plan` finds the targets once the caller has entered. */
  async route(exchange: Exchange, plan: Plan): Promise<void> {
    this.open.add(exchange.caller, exchange);
    try {
      const entered = this.entrance.enter(exchange);
      if (entered instanceof Promise) await entered;
      const body = await this.bodies.read(exchange.request.raw, exchange.response, exchange);
      const explained = this.entrance.explain(exchange, body);
      if (explained) await explained;
      const screened = this.requests.screened(exchange, body);
      const found = await plan(exchange, screened instanceof Promise ? await screened : screened);
      if ('body' in found) return this.#answer(exchange, found);
      exchange.route = found;
      await this.#sendToNext(exchange, found);
    } catch (error) {
      this.#refuse(exchange, toGatewayError(error));
    }
  }

  /** Sends a response that needs no provider. */
  #answer(exchange: Exchange, { operation, body }: OwnAnswer): void {
    exchange.operation = operation;
    exchange.status = 200;
    const bytes = Buffer.from(body);
    const { requestId } = exchange;
    const ids = ['x-request-id', requestId, 'request-id', requestId];
    const headers = ['content-type', 'application/json', 'content-length', String(bytes.length)];
    this.ended(exchange, () =>
      exchange.response.writeHead(200, [...headers, ...ids, ...exchange.request.corsHeaders]).end(bytes),
    );
  }

  async #answerMergedList(exchange: Exchange): Promise<void> {
    this.#answer(exchange, { operation: exchange.operation!, body: await this.upstream.mergedList(exchange) });
  }

  async #sendToNext(exchange: Exchange, route: Route): Promise<void> {
    const next = route.next();
    const target = next instanceof Promise ? await next : next;
    exchange.aimAt(target);
    checkOperation(target.operation, exchange.caller, exchange.proxy!);
    try {
      await this.#send(exchange, target.body);
    } catch (error) {
      if (!this.triesElsewhere(exchange, toGatewayError(error))) throw error;
    }
  }

  /** Runs the steps that follow once the target is known: screen, limit, unlock, forward. */
  async #send(exchange: Exchange, asked: Buffer | null): Promise<void> {
    // screen
    const screened = this.#screen(exchange, asked);
    const body = screened instanceof Promise ? await screened : screened;
    // limit
    const owner = withChosenTeam(exchange);
    const reserved = this.account.reserve(exchange, owner, body);
    if (reserved instanceof Promise) await lookedUp(reserved);
    // unlock
    const unlocked = this.upstream.unlock(exchange, owner);
    if (unlocked instanceof Promise) await lookedUp(unlocked);
    const warm = this.account.warmPrices(exchange);
    if (warm instanceof Promise) await lookedUp(warm);
    exchange.resolvedMs = performance.now();
    // forward
    if (isMergedList(exchange)) return this.#answerMergedList(exchange);
    await this.upstream.send(exchange, body, this);
  }

  #aim(exchange: Exchange): void {
    const { adapter } = exchange;
    if (!adapter || exchange.path.path === '') {
      throw new GatewayError(
        'path_not_found',
        'There is nothing at this path. Check the base URL that your client was given.',
      );
    }
    exchange.vendorPath = adapter.normalisePath(exchange.path.path);
    exchange.operation = routeFor(adapter, exchange.request.raw.method!, exchange.vendorPath);
  }

  /**
   * Checks the model and returns the body as guardrails allow it. On the Model Router it was screened before it was
   * translated.
   */
  #screen(exchange: Exchange, body: Buffer | null): Buffer | null | Promise<Buffer> {
    const { facts, adapter, operation, caller } = exchange;
    const request = {
      provider: adapter!.id,
      model: exchange.requestedModel,
      otherModels: facts.otherModels,
      maxOutputTokens: facts.maxOutputTokens,
    };
    checkModel(request, operation!, caller, exchange.proxy!);
    return exchange.route ? body : this.requests.screened(exchange, body);
  }

  triesElsewhere(exchange: Exchange, failure: number | GatewayError, rawHeaders: readonly Buffer[] = []): boolean {
    const { route } = exchange;
    if (!route) return false;
    const status = typeof failure === 'number' ? failure : null;
    const errorCode = typeof failure === 'number' ? null : failure.code;
    const waits = status === 429 || status === 503;
    const providerKeyId = exchange.credential?.providerKeyId ?? null;
    route.ended({ status, errorCode, providerKeyId }, waits ? retryAfterSeconds(rawHeaders) : null);
    if (!isPlaceFailure({ status, errorCode })) return false;
    if (!route.hasNext || exchange.cutBy || exchange.response.destroyed) return false;
    this.account.giveBack(exchange);
    this.#sendToNext(exchange, route).catch((error: unknown) => this.#refuse(exchange, toGatewayError(error)));
    return true;
  }

  headersOfOurs(exchange: Exchange): string[] {
    return headersOfOurs(exchange);
  }

  metered(exchange: Exchange): void {
    this.account.metered(exchange);
  }

  failed(exchange: Exchange, failure: GatewayError): void {
    const error = exchange.route?.lastWord(failure) ?? failure;
    exchange.error = error;
    if (error !== failure) exchange.outcome = 'upstream_error';
    exchange.status = error.status;
    if (error.status >= 500) {
      const { code, reason, internal, cause } = error;
      // The record holds code and reason; the log holds everything else that helps to repair the fault.
      this.logger.pino.warn({ requestId: exchange.requestId, code, reason, internal, err: cause }, error.title);
    }
    this.ended(exchange, () =>
      writeError(
        exchange.request,
        exchange.response,
        exchange.dialect,
        error,
        exchange.clientPath,
        routeHeaders(exchange),
      ),
    );
  }

  ended(exchange: Exchange, send?: () => void): void {
    if (exchange.outcome === 'success' || exchange.outcome === 'upstream_error') exchange.route?.answered();
    this.bodies.release(exchange);
    if (send && exchange.proxy?.strictAudit) return this.#sendOnceSafe(exchange, send);
    send?.();
    this.open.remove(exchange.caller, exchange);
    this.account.close(exchange);
  }

  /**
   * Sends the end of a response only when its record is stored; a response whose record could be lost is never seen
   * whole.
   */
  #sendOnceSafe(exchange: Exchange, send: () => void): void {
    this.account
      .closeDurably(exchange)
      .then(send)
      .catch((error: unknown) => {
        this.logger.pino.error(
          { requestId: exchange.requestId, err: error },
          'an answer without a safe record was broken off',
        );
        exchange.response.destroy();
      })
      .finally(() => this.open.remove(exchange.caller, exchange));
  }

  #refuse(exchange: Exchange, error: GatewayError): void {
    const providerKeyId = exchange.credential?.providerKeyId ?? null;
    exchange.route?.ended({ status: null, errorCode: error.code, providerKeyId });
    exchange.error = error;
    exchange.outcome = error.status >= 500 ? 'error' : 'refused';
    if (error.reason === 'client_aborted') exchange.outcome = 'client_aborted';
    this.failed(exchange, error);
  }
}
