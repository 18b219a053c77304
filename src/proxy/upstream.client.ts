/**
 * One call to a provider and its answer on the way back. A whole JSON answer is collected (up to 1 MiB) so that its
 * cost can stand in the head; everything else is piped as it comes. The meter only looks.
 */
import { toGatewayError, type GatewayError } from '../platform/errors/gateway-error.js';
import type { Egress, EgressHandler } from '../platform/egress/egress.js';
import { toUpstreamError } from '../platform/egress/upstream-error.js';
import { tooLargeToScreen } from '../policy/guardrails/decisions.js';
import type { StreamFilter, UsageMeter } from '../providers/dialects/dialect.js';
import type { StreamForm } from '../providers/stream-form.js';
import { AnswerPieces, type PiecesSource } from './answer-pieces.js';
import { AnswerScreen } from './answer-screen.js';
import { notTranslatable, redirected, streamCut } from './answer-faults.js';
import { dialectStreamForm, hasContent, hearContent, textForm } from './answer-shape.js';
import { ClientWriter } from './client-writer.js';
import type { Exchange } from './exchange.js';
import { headerIn, isDelimited, responseHeaders } from './forwarded-headers.js';
import { withLeastWait } from './retry-after.js';
import { streamErrorEvent } from './stream-error.js';
import { streamFilterFor } from './stream-filters.js';
import type { TranslatedStream } from './target.js';
import { translatedHeaders } from './translated-headers.js';
import type { UpstreamCall, UpstreamListener } from './upstream-listener.js';
import { forCaller, inClientsLanguage } from './whole-answer.js';

const COLLECT_UP_TO_BYTES = 1024 * 1024;

/** A whole answer that has to be translated is held in memory; larger ones are refused. As large as a request may be. */
const TRANSLATE_UP_TO_BYTES = 32 * 1024 * 1024;

/** As much of an answer that is of no interest is read, to keep the connection. */
const DISCARD_UP_TO_BYTES = 64 * 1024;

/** The one status between 300 and 399 that leads nowhere else (RFC 9110 §15.4.5). */
const NOT_MODIFIED = 304;

export class UpstreamAnswer implements EgressHandler, PiecesSource {
  readonly #client: ClientWriter;
  readonly #pieces: AnswerPieces;
  #abort: ((reason?: Error) => void) | null = null;
  #resume: (() => void) | null = null;
  #headers: string[] = [];
  /** As the vendor sent them, where `#headers` are those of the translation. */
  #vendorHeaders: string[] = [];
  #collected: Buffer[] | null = null;
  #collectedBytes = 0;
  #meter: UsageMeter | null = null;
  #filter: StreamFilter | null = null;
  #translated: TranslatedStream | null = null;
  /** Null: no stream that ends with an error in its own grammar. */
  #form: StreamForm | null = null;
  /** The vendor says where its answer ends. Of others the end and a broken connection look alike (RFC 9112 §6.3). */
  #isDelimited = false;
  #over = false;
  #discardedBytes = 0;

  constructor(
    private readonly exchange: Exchange,
    private readonly listener: UpstreamListener,
  ) {
    this.#client = new ClientWriter(exchange.response, exchange.capture, () => this.goOn());
    this.#pieces = new AnswerPieces(this.#client, this);
  }

  get isOver(): boolean {
    return this.#over;
  }

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
    if (status >= 300 && status < 400 && status !== NOT_MODIFIED) {
      // A client that follows a redirect would take its credential and the body along.
      this.#fail(redirected(status));
      this.#abort?.();
      return true;
    }
    if (this.listener.triesElsewhere(exchange, status, rawHeaders)) {
      this.#over = true; // what is left of it is read and thrown away, which keeps the connection
      return true;
    }
    exchange.headMs = performance.now();
    exchange.status = status;
    if (status >= 400) exchange.outcome = 'upstream_error';
    this.#resume = resume;
    this.#headers = withLeastWait(exchange, responseHeaders(rawHeaders));
    this.#isDelimited = isDelimited(rawHeaders);
    const contentType = (headerIn(this.#headers, 'content-type') ?? '').toLowerCase();
    this.#form = dialectStreamForm(exchange.upstreamDialect, contentType);
    if (exchange.operation!.rule.metered) {
      const header = (name: string): string | null => headerIn(this.#headers, name);
      this.#meter = exchange.upstreamDialect.meter(contentType, exchange.vendorPath, header);
    }
    if (exchange.target?.translation) this.#translate(status);
    else if (this.#form !== null && status < 300) this.#filter = streamFilterFor(exchange);
    if (exchange.screening && !this.#putScreen(status)) return true;
    if (this.#mustCollect(contentType, status)) this.#collected = [];
    else this.#sendHead(null);
    if (!this.#collected) hearContent(this.exchange.capture, this.#headers);
    if (exchange.proxy!.strictAudit) this.#client.holdEnd(textForm(this.#form, this.#headers));
    return true;
  }

  #mustCollect(contentType: string, status: number): boolean {
    const { exchange } = this;
    // Its head is all of it.
    if (exchange.proxy!.strictAudit && !this.#hasBody(status)) return true;
    if (exchange.target?.translation) return this.#translated === null;
    if (exchange.target?.restoration && this.#form === null) return hasContent(exchange, status);
    if (this.#pieces.screen?.isWhole) return hasContent(exchange, status);
    // Errors of all kinds: they may quote the stored key.
    if (status >= 400 && exchange.credential!.providerKeyId !== null) return hasContent(exchange, status);
    return contentType.startsWith('application/json') && !exchange.facts.streaming && hasContent(exchange, status);
  }

  /** The answer to a translated call has the client's content type, whatever the vendor's was. */
  #translate(status: number): void {
    const { target, facts } = this.exchange;
    const { translation } = target!;
    const isReadable = this.#form !== null || translation!.isWhole;
    if (isReadable && status < 300 && facts.streaming) this.#translated = translation!.stream();
    this.#form = this.#translated ? 'events' : null;
    this.#vendorHeaders = this.#headers;
    this.#headers = translatedHeaders(this.#headers, this.#translated !== null);
  }

  /** False: guardrails cannot look into such an answer, which is refused. */
  #putScreen(status: number): boolean {
    try {
      this.#pieces.screen = AnswerScreen.of(this.exchange, status, this.#headers);
      return true;
    } catch (error) {
      this.#collected = []; // nothing of it was shown
      this.failed(error);
      return false;
    }
  }

  onData(chunk: Buffer): boolean {
    if (this.#over) return this.#discard(chunk);
    this.exchange.firstByteMs ??= performance.now();
    this.#meter?.push(chunk);
    if (this.#collected) return this.#collect(chunk);
    if (this.#translated) return this.#writeTranslated(this.#translated, chunk);
    return this.#pieces.show(this.#filter ? this.#filter.push(chunk) : chunk);
  }

  /** The provider goes on, unless somebody is still asked about what it sent. */
  goOn(): void {
    if (!this.#pieces.isAsking) this.#resume?.();
  }

  refused(error: GatewayError): void {
    this.cut(error);
  }

  failed(error: unknown): void {
    this.#fail(toGatewayError(error));
    this.#abort?.();
  }

  #discard(chunk: Buffer): boolean {
    this.#discardedBytes += chunk.length;
    if (this.#discardedBytes > DISCARD_UP_TO_BYTES) this.#abort?.(new Error('the call went on elsewhere'));
    return true;
  }

  #writeTranslated(stream: TranslatedStream, chunk: Buffer): boolean {
    try {
      const events = stream.push(chunk);
      if (!stream.failed) return this.#pieces.show(events);
      this.#pieces.showLast(events, (shown) => {
        this.exchange.outcome = 'upstream_error';
        this.#readMeter();
        this.#end(() => this.#client.endWith(shown, false));
        this.#abort?.(new Error('the stream told an error'));
      });
      return !this.#pieces.isAsking;
    } catch (cause) {
      this.#fail(notTranslatable(cause));
      this.#abort?.();
    }
    return true;
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
    this.#readMeter();
    if (this.#collected) {
      const answer =
        this.#collected.length === 1 ? this.#collected[0]! : Buffer.concat(this.#collected, this.#collectedBytes);
      const body = inClientsLanguage(exchange, forCaller(exchange, answer), this.#vendorHeaders);
      return this.#pieces.showWhole(body, (shown) => this.#sendWhole(shown));
    }
    const rest = this.#translated ? this.#translated.end() : (this.#filter?.end() ?? '');
    if (rest === null) return this.#fail(streamCut(), !this.#isDelimited);
    this.#pieces.showLast(rest, (shown) => {
      this.#client.write(shown);
      this.#end(() => this.#client.end());
    });
  }

  #sendWhole(shown: Buffer): void {
    const { exchange } = this;
    hearContent(this.exchange.capture, this.#headers);
    exchange.capture?.shown(shown);
    this.#end(() => {
      this.#sendHead(hasContent(exchange, exchange.status) ? shown.length : null);
      exchange.response.end(shown);
    });
  }

  onError(error: Error): void {
    if (this.#over) return;
    const failure = toUpstreamError(error);
    this.#fail(failure, failure.code === 'upstream_unreachable');
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
    const { translation, restoration } = this.exchange.target ?? {};
    const isTranslated = translation || restoration;
    if (isTranslated || this.#pieces.screen?.isWhole) {
      if (this.#collectedBytes <= TRANSLATE_UP_TO_BYTES) return true;
      this.#fail(isTranslated ? notTranslatable(new Error('the answer is too large')) : tooLargeToScreen());
      this.#abort?.();
      return true;
    }
    const gathered = Buffer.concat(this.#collected!, this.#collectedBytes);
    this.#collected = null;
    this.#sendHead(null);
    hearContent(this.exchange.capture, this.#headers);
    return this.#client.write(forCaller(this.exchange, gathered));
  }

  #sendHead(length: number | null): void {
    const { response, status } = this.exchange;
    const headers = [...this.#headers, ...this.listener.headersOfOurs(this.exchange)];
    if (length !== null) headers.push('content-length', String(length));
    if (this.#form !== null) headers.push('x-accel-buffering', 'no');
    response.writeHead(status, headers);
    // Whoever waits for the head of a stream must not have to wait for its first event too.
    if (length === null) setImmediate(() => response.headersSent && !response.writableEnded && response.flushHeaders());
  }

  /** `isBroken`: the provider's connection broke, so that ours has to break as well. */
  #fail(error: GatewayError, isBroken = false): void {
    const { exchange } = this;
    const { response } = exchange;
    exchange.error = error;
    if (exchange.outcome !== 'cut') exchange.outcome = error.code === 'guardrail_blocked' ? 'refused' : 'error';
    this.#readMeter();
    if (!response.headersSent && !this.#headWritten()) {
      this.#over = true;
      if (exchange.headMs === 0 && this.listener.triesElsewhere(exchange, error)) return;
      return this.listener.failed(exchange, error);
    }
    this.#over = true;
    const ending = { form: this.#form, isComplete: !isBroken };
    const event = streamErrorEvent(exchange, error, this.#client, ending);
    if (event !== null && !isBroken)
      return this.listener.ended(exchange, () => this.#client.endWith(event, exchange.outcome === 'cut'));
    if (event !== null) this.#client.breakOff(event);
    else response.destroy();
    this.listener.ended(exchange);
  }

  #readMeter(): void {
    this.exchange.reading = this.#meter?.read() ?? null;
    this.listener.metered(this.exchange);
  }

  #hasBody(status: number): boolean {
    return hasContent(this.exchange, status) && headerIn(this.#headers, 'content-length') !== '0';
  }

  #headWritten(): boolean {
    return this.exchange.headMs > 0 && this.#collected === null;
  }

  /** The client hung up: the provider need not go on. */
  #clientClosed(): void {
    if (this.#over) return;
    this.#finish('client_aborted');
    this.#abort?.(new Error('the client has gone'));
  }

  #finish(outcome: Exchange['outcome']): void {
    const { exchange } = this;
    exchange.outcome = outcome;
    this.#readMeter();
    this.#end();
  }

  #end(send?: () => void): void {
    this.listener.ended(this.exchange, send);
    this.#over = true;
  }
}
