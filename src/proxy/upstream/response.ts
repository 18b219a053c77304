/**
 * Sends one request to a provider and passes the response to the client. A whole JSON response is gathered (up to 1
 * MiB) so that the head can state its cost; everything else is streamed. The meter only reads.
 */
import { toGatewayError, type GatewayError } from '../../platform/errors/gateway-error.js';
import type { Egress, EgressHandler } from '../../platform/egress/egress.js';
import { toUpstreamError } from '../../platform/egress/upstream-error.js';
import { tooLargeToScreen } from '../../policy/guardrails/text/decisions.js';
import type { StreamFilter, UsageMeter } from '../../providers/dialects/base/dialect.js';
import { AnswerPieces, type PiecesSource } from '../response/guarded-writer.js';
import { AnswerScreen } from '../response/guardrails.js';
import { notTranslatable, redirected, streamCut } from '../response/errors.js';
import { AnswerHead } from '../response/head.js';
import { hearContent, textForm } from '../response/form.js';
import { ClientWriter } from '../client/writer.js';
import type { Exchange } from '../call/llm-call.js';
import { GatheredAnswer } from '../response/buffered-response.js';
import { onceClosed } from '../client/response-closed.js';
import { streamErrorEvent } from '../response/stream-error.js';
import { streamFilterFor } from '../response/stream-filters.js';
import type { TranslatedStream } from '../../translation/pivot/response-translation.js';
import type { UpstreamCall, UpstreamListener } from './listener.js';
import { failedStatus, forCaller, inClientsLanguage } from '../response/whole-body.js';

const COLLECT_UP_TO_BYTES = 1024 * 1024;

/** Maximum bytes of a whole response that is held in memory for translation; larger ones are refused. */
const TRANSLATE_UP_TO_BYTES = 32 * 1024 * 1024;

/** Maximum bytes that are read and discarded of an unneeded response, to keep the connection. */
const DISCARD_UP_TO_BYTES = 64 * 1024;

/** The only status between 300 and 399 that does not redirect (RFC 9110 §15.4.5). */
const NOT_MODIFIED = 304;

export class UpstreamAnswer implements EgressHandler, PiecesSource {
  readonly #client: ClientWriter;
  readonly #pieces: AnswerPieces;
  #abort: ((reason?: Error) => void) | null = null;
  #resume: (() => void) | null = null;
  #stopWaiting: () => void = () => undefined;
  /** Null until the head has arrived. */
  #head: AnswerHead | null = null;
  #gathered: GatheredAnswer | null = null;
  #meter: UsageMeter | null = null;
  #filter: StreamFilter | null = null;
  #translated: TranslatedStream | null = null;
  #isOver = false;
  #discardedBytes = 0;

  constructor(
    private readonly exchange: Exchange,
    private readonly listener: UpstreamListener,
  ) {
    this.#client = new ClientWriter(exchange.response, exchange.capture, () => this.goOn());
    this.#pieces = new AnswerPieces(this.#client, this);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  start(egress: Egress, call: UpstreamCall): void {
    const { response } = this.exchange;
    this.#stopWaiting = onceClosed(response, () => this.#clientClosed());
    if (response.destroyed) return this.#clientClosed();
    egress.dispatch(
      call.origin,
      { path: call.path, method: call.method, headers: call.headers, body: call.body },
      this,
    );
  }

  onConnect(abort: (reason?: Error) => void): void {
    this.#abort = abort;
    if (this.#isOver) abort(new Error('the client has gone'));
  }

  onHeaders(status: number, rawHeaders: Buffer[], resume: () => void): boolean {
    if (status < 200) return true; // interim responses are not forwarded
    const { exchange } = this;
    if (status >= 300 && status < 400 && status !== NOT_MODIFIED) {
      // A client that follows a redirect would send its credential and the body to the new address.
      this.#fail(redirected(status));
      this.#abort?.();
      return true;
    }
    if (this.listener.triesElsewhere(exchange, status, rawHeaders)) {
      this.#over(); // the rest is read and discarded, which keeps the connection
      return true;
    }
    exchange.headMs = performance.now();
    exchange.status = status;
    if (status >= 400) exchange.outcome = 'upstream_error';
    this.#resume = resume;
    const head = (this.#head = new AnswerHead(exchange, rawHeaders));
    this.#meter = head.meter();
    if (exchange.target?.translation) this.#translate(head);
    else if (head.form !== null && status < 300) this.#filter = streamFilterFor(exchange);
    if (exchange.screening && !this.#putScreen(head)) return true;
    if (head.isGathered(this.#pieces.screen?.isWhole ?? false)) this.#gathered = new GatheredAnswer();
    else {
      this.#sendHead(null);
      hearContent(exchange.capture, head.headers);
    }
    if (exchange.proxy!.strictAudit) this.#client.holdEnd(textForm(head.form, head.headers));
    return true;
  }

  #translate(head: AnswerHead): void {
    const { target, facts, status } = this.exchange;
    const translation = target!.translation!;
    const isReadable = head.form !== null || translation.isWhole;
    if (isReadable && status < 300 && facts.streaming) this.#translated = translation.stream();
    head.translate(this.#translated !== null);
  }

  /** Applies guardrails to the response. Returns false if they cannot check such a response, which is refused. */
  #putScreen(head: AnswerHead): boolean {
    try {
      this.#pieces.screen = AnswerScreen.of(this.exchange, this.exchange.status, head.headers);
      return true;
    } catch (error) {
      this.#gathered = new GatheredAnswer(); // nothing of it has been shown
      this.failed(error);
      return false;
    }
  }

  onData(chunk: Buffer): boolean {
    if (this.#isOver) return this.#discard(chunk);
    this.exchange.firstByteMs ??= performance.now();
    this.#meter?.push(chunk);
    if (this.#gathered) return this.#gather(this.#gathered, chunk);
    if (this.#translated) return this.#writeTranslated(this.#translated, chunk);
    return this.#pieces.show(this.#filter ? this.#filter.push(chunk) : chunk);
  }

  /** Lets the provider send more, unless a webhook is still being asked about what it sent. */
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
    if (this.#isOver) return;
    try {
      if (this.#gathered) this.#completeWhole(this.#gathered.whole(), this.#head!);
      else this.#completeStream();
    } catch (error) {
      // An error thrown into undici here would be lost, and the client would wait forever.
      this.#fail(toGatewayError(error));
    }
  }

  #completeWhole(answer: Buffer, head: AnswerHead): void {
    const { exchange } = this;
    if (this.#isFailed(answer, head)) {
      if (this.#isOver) return;
      this.#pieces.screen = null; // errors are not screened
    }
    this.#readMeter();
    const body = inClientsLanguage(exchange, forCaller(exchange, answer), head.vendorHeader);
    this.#pieces.showWhole(body, (shown) => this.#sendWhole(shown, head));
  }

  /**
   * Whether the body is an error with a status of success. The Model Router gives it the status that it means, or tries
   * another target.
   */
  #isFailed(answer: Buffer, head: AnswerHead): boolean {
    const { exchange } = this;
    const status = failedStatus(exchange, answer, head.vendorHeader);
    if (status === null) return false;
    exchange.outcome = 'upstream_error';
    if (!exchange.route) return true;
    if (this.listener.triesElsewhere(exchange, status)) this.#over();
    else exchange.status = status;
    return true;
  }

  #completeStream(): void {
    this.#readMeter();
    const rest = this.#translated ? this.#translated.end() : (this.#filter?.end() ?? '');
    if (rest === null) return this.#fail(streamCut(), !this.#head!.isDelimited);
    this.#pieces.showLast(rest, (shown) => {
      this.#client.write(shown);
      this.#end(() => this.#client.end());
    });
  }

  #sendWhole(shown: Buffer, head: AnswerHead): void {
    const { exchange } = this;
    hearContent(exchange.capture, head.headers);
    exchange.capture?.shown(shown);
    this.#end(() => {
      this.#sendHead(shown.length);
      exchange.response.end(shown);
    });
  }

  onError(error: Error): void {
    if (this.#isOver) return;
    const failure = toUpstreamError(error);
    this.#fail(failure, failure.code === 'upstream_unreachable');
  }

  /** Ends the response from outside: the credential was revoked, or this process stops. */
  cut(error: GatewayError): void {
    if (this.#isOver) return;
    this.exchange.outcome = 'cut';
    this.#fail(error);
    this.#abort?.(error);
  }

  /** Gathers the response until it is whole, or too large to gather. */
  #gather(gathered: GatheredAnswer, chunk: Buffer): boolean {
    gathered.push(chunk);
    if (gathered.bytes <= COLLECT_UP_TO_BYTES) return true;
    const { exchange } = this;
    const { translation, restoration } = exchange.target ?? {};
    const isTranslated = translation || restoration;
    if (isTranslated || this.#pieces.screen?.isWhole) {
      if (gathered.bytes <= TRANSLATE_UP_TO_BYTES) return true;
      this.#fail(isTranslated ? notTranslatable(new Error('the answer is too large')) : tooLargeToScreen());
      this.#abort?.();
      return true;
    }
    this.#gathered = null;
    this.#sendHead(null);
    hearContent(exchange.capture, this.#head!.headers);
    return this.#client.write(forCaller(exchange, gathered.whole()));
  }

  #sendHead(length: number | null): void {
    this.#head!.send(this.listener.headersOfOurs(this.exchange), length);
  }

  /**
   * Ends the response with an error. `isBroken`: the provider's connection broke, so that the client's must break as
   * well.
   */
  #fail(error: GatewayError, isBroken = false): void {
    const { exchange } = this;
    const { response } = exchange;
    exchange.error = error;
    if (exchange.outcome !== 'cut') exchange.outcome = error.code === 'guardrail_blocked' ? 'refused' : 'error';
    this.#readMeter();
    if (!response.headersSent && !this.#headWritten()) {
      this.#over();
      if (exchange.headMs === 0 && this.listener.triesElsewhere(exchange, error)) return;
      return this.listener.failed(exchange, error);
    }
    this.#over();
    const ending = { form: this.#head?.form ?? null, isComplete: !isBroken };
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

  #headWritten(): boolean {
    return this.exchange.headMs > 0 && this.#gathered === null;
  }

  /** Stops the provider's response after the client closed the connection. */
  #clientClosed(): void {
    if (this.#isOver) return;
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
    this.#over();
  }

  #over(): void {
    this.#isOver = true;
    this.#stopWaiting();
  }
}
