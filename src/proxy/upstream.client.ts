/**
 * One call to a provider and its answer on the way back. A whole JSON answer is collected (up to 1 MiB) so that its
 * cost can stand in the head; everything else is piped as it comes. The meter only looks.
 */
import type { Readable } from 'node:stream';
import { toGatewayError, type GatewayError } from '../platform/errors/gateway-error.js';
import type { Egress, EgressHandler } from '../platform/egress/egress.js';
import { toUpstreamError } from '../platform/egress/upstream-error.js';
import type { StreamFilter, UsageMeter } from '../providers/dialects/dialect.js';
import { withoutSecret } from './echoed-secret.js';
import type { Exchange } from './exchange.js';
import { headerIn, responseHeaders } from './forwarded-headers.js';

const COLLECT_UP_TO_BYTES = 1024 * 1024;

/** How long the last event of a cut answer may wait for a client that does not read. */
const UNREAD_MS = 1_000;

/** What the call tells its owner. */
export interface UpstreamListener {
  /** Headers of ours for the head of the answer, flat; asked for once, just before the head goes out. */
  headersOfOurs(exchange: Exchange): string[];
  /** The whole answer was seen; usage may be read from the exchange's meter now. Before a collected head goes out. */
  metered(exchange: Exchange): void;
  /** Nothing was sent yet: word the error. */
  failed(exchange: Exchange, error: GatewayError): void;
  /** The call is over, however it ended. Once. */
  ended(exchange: Exchange): void;
}

export interface UpstreamCall {
  origin: string;
  path: string;
  method: string;
  headers: string[];
  body: Buffer | Readable | null;
}

export class UpstreamAnswer implements EgressHandler {
  #abort: ((reason?: Error) => void) | null = null;
  #resume: (() => void) | null = null;
  #headers: string[] = [];
  #collected: Buffer[] | null = null;
  #collectedBytes = 0;
  #meter: UsageMeter | null = null;
  #filter: StreamFilter | null = null;
  #isEventStream = false;
  #corked = false;
  #waitsForDrain = false;
  #over = false;

  constructor(
    private readonly exchange: Exchange,
    private readonly listener: UpstreamListener,
  ) {}

  start(egress: Egress, call: UpstreamCall): void {
    const { response } = this.exchange;
    response.once('close', () => this.#clientClosed());
    if (response.destroyed) return this.#clientClosed();
    egress.dispatch(
      call.origin,
      { path: call.path, method: call.method, headers: call.headers, body: call.body },
      this,
    );
  }

  onConnect(abort: (reason?: Error) => void): void {
    this.#abort = abort;
    if (this.#over) abort(new Error('the client has gone'));
  }

  onHeaders(status: number, rawHeaders: Buffer[], resume: () => void): boolean {
    if (status < 200) return true; // interim answers end here
    const { exchange } = this;
    exchange.headMs = performance.now();
    exchange.status = status;
    if (status >= 400) exchange.outcome = 'upstream_error';
    this.#resume = resume;
    this.#headers = responseHeaders(rawHeaders);
    const contentType = headerIn(this.#headers, 'content-type') ?? '';
    this.#isEventStream = contentType.startsWith('text/event-stream');
    if (exchange.operation!.rule.metered) this.#meter = exchange.dialect.meter(contentType, exchange.vendorPath);
    if (this.#isEventStream && status < 300 && exchange.usageInjected) this.#filter = exchange.dialect.streamFilter();
    if (contentType.startsWith('application/json') && !exchange.facts.streaming && hasContent(exchange, status))
      this.#collected = [];
    else this.#sendHead(null);
    return true;
  }

  onData(chunk: Buffer): boolean {
    if (this.#over) return true;
    this.exchange.firstByteMs ??= performance.now();
    this.#meter?.push(chunk);
    if (this.#collected) return this.#collect(chunk);
    return this.#write(this.#filter ? this.#filter.push(chunk) : chunk);
  }

  onComplete(): void {
    if (this.#over) return;
    try {
      this.#complete();
    } catch (error) {
      // What is thrown into undici here would be lost, and the client left waiting.
      this.#fail(toGatewayError(error));
    }
  }

  #complete(): void {
    const { exchange } = this;
    exchange.reading = this.#meter?.read() ?? null;
    this.listener.metered(exchange);
    if (this.#collected) {
      const answer =
        this.#collected.length === 1 ? this.#collected[0]! : Buffer.concat(this.#collected, this.#collectedBytes);
      const { providerKeyId, secret } = exchange.credential!;
      const body = exchange.status >= 400 && providerKeyId !== null ? withoutSecret(answer, secret) : answer;
      this.#sendHead(body.length);
      exchange.response.end(body);
    } else {
      const rest = this.#filter?.end();
      if (rest?.length) this.#write(rest);
      exchange.response.end();
    }
    this.#end();
  }

  onError(error: Error): void {
    if (this.#over) return;
    this.#fail(toUpstreamError(error));
  }

  /** Ends the answer from outside: the credential was revoked, or this process stops. */
  cut(error: GatewayError): void {
    if (this.#over) return;
    this.exchange.outcome = 'cut';
    this.#fail(error);
    this.#abort?.(error);
  }

  /** Gathers the answer until it is whole, or too large to wait for. */
  #collect(chunk: Buffer): boolean {
    this.#collected!.push(chunk);
    this.#collectedBytes += chunk.length;
    if (this.#collectedBytes <= COLLECT_UP_TO_BYTES) return true;
    const gathered = this.#collected!;
    this.#collected = null;
    this.#sendHead(null);
    let free = true;
    for (const part of gathered) free = this.#write(part);
    return free;
  }

  #sendHead(length: number | null): void {
    const { response, status } = this.exchange;
    const headers = [...this.#headers, ...this.listener.headersOfOurs(this.exchange)];
    if (length !== null) headers.push('content-length', String(length));
    if (this.#isEventStream) headers.push('x-accel-buffering', 'no');
    response.writeHead(status, headers);
    // Whoever waits for the head of a stream must not have to wait for its first event too.
    if (length === null) setImmediate(() => response.headersSent && !response.writableEnded && response.flushHeaders());
  }

  /** Hands bytes on. What arrives in one turn of the event loop leaves in one write; a slow reader holds the provider back. */
  #write(bytes: Uint8Array): boolean {
    if (bytes.length === 0) return true;
    const { response } = this.exchange;
    if (!this.#corked) {
      this.#corked = true;
      response.cork();
      process.nextTick(() => {
        this.#corked = false;
        response.uncork();
      });
    }
    if (response.write(bytes)) return true;
    if (!this.#waitsForDrain) {
      this.#waitsForDrain = true;
      response.once('drain', () => {
        this.#waitsForDrain = false;
        this.#resume?.();
      });
    }
    return false;
  }

  #fail(error: GatewayError): void {
    const { exchange } = this;
    const { response } = exchange;
    exchange.error = error;
    if (exchange.outcome !== 'cut') exchange.outcome = 'error';
    exchange.reading = this.#meter?.read() ?? null;
    this.listener.metered(exchange);
    if (!response.headersSent && !this.#headWritten()) {
      this.#over = true;
      this.listener.failed(exchange, error);
      this.listener.ended(exchange);
      return;
    }
    this.#over = true;
    const asArray = isArrayStream(exchange, this.#isEventStream);
    if (this.#isEventStream || asArray) {
      const path = exchange.vendorPath + (exchange.path.query || (asArray ? '?' : ''));
      const event = exchange.dialect.renderStreamError(error, exchange.requestId, path);
      // The connection is broken after the event, or soon if nobody reads it: a cut answer must never look complete.
      const unread = setTimeout(() => response.destroy(), UNREAD_MS).unref();
      response.write(event, () => {
        clearTimeout(unread);
        response.destroy();
      });
    } else {
      response.destroy();
    }
    this.listener.ended(exchange);
  }

  #headWritten(): boolean {
    return this.exchange.headMs > 0 && this.#collected === null;
  }

  /** The client hung up: the provider need not go on. */
  #clientClosed(): void {
    if (this.#over) return;
    const { exchange } = this;
    exchange.outcome = 'client_aborted';
    exchange.reading = this.#meter?.read() ?? null;
    this.listener.metered(exchange);
    this.#end();
    this.#abort?.(new Error('the client has gone'));
  }

  #end(): void {
    this.#over = true;
    this.listener.ended(this.exchange);
  }
}

/** RFC 9110 §6.4.1. Of what has no content no length is told: it would be zero, and wrong. */
const hasContent = ({ request }: Exchange, status: number): boolean =>
  request.raw.method !== 'HEAD' && status !== 204 && status !== 304;

/** Gemini streams a JSON array unless it is asked for events. */
const isArrayStream = ({ dialect, facts, status }: Exchange, isEventStream: boolean): boolean =>
  dialect.id === 'gemini' && facts.streaming && !isEventStream && status < 300;
