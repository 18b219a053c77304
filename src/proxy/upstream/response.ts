/**
 * Sends one request to a provider and passes the response to the client. A whole JSON response is gathered (up to 1
 * MiB) so that the head can state its cost; everything else is streamed. The meter only reads.
 */
import { toGatewayError, type GatewayError } from '../../platform/errors/gateway-error.js';
import type { EgressHandler } from '../../platform/egress/egress-handler.js';
import type { Egress } from '../../platform/egress/egress.js';
import { toUpstreamError } from '../../platform/egress/upstream-error.js';
import { createTooLargeToCheckError } from '../../policy/guardrails/text/decisions.js';
import type { StreamFilter, UsageMeter } from '../../providers/dialects/base/dialect.js';
import { GuardedWriter, type ResponseSource } from '../response/guarded-writer.js';
import { ResponseGuardrails } from '../response/guardrails.js';
import { createUntranslatableError, createRedirectError, createStreamCutError } from '../response/errors.js';
import { ResponseHead } from '../response/head.js';
import { startCapture, findTextStreamForm } from '../response/form.js';
import { ClientWriter } from '../client/writer.js';
import type { LlmCall } from '../call/llm-call.js';
import { BufferedResponse } from '../response/buffered-response.js';
import { onceClosed } from '../client/response-closed.js';
import { renderStreamErrorEvent } from '../response/stream-error.js';
import { createStreamFilter } from '../response/stream-filters.js';
import type { TranslatedStream } from '../../translation/pivot/response-translation.js';
import type { OutboundRequest, UpstreamListener } from './listener.js';
import { readFailedStatus, maskKeyForCaller, translateForClient } from '../response/whole-body.js';

const MAX_BUFFERED_BYTES = 1024 * 1024;

/** Maximum bytes of a whole response that is held in memory for translation; larger ones are refused. */
const MAX_TRANSLATED_BYTES = 32 * 1024 * 1024;

/** Maximum bytes that are read and discarded of an unneeded response, to keep the connection. */
const MAX_DISCARDED_BYTES = 64 * 1024;

/** The only status between 300 and 399 that does not redirect (RFC 9110 §15.4.5). */
const NOT_MODIFIED = 304;

export class UpstreamResponse implements EgressHandler, ResponseSource {
  readonly #client: ClientWriter;
  readonly #guarded: GuardedWriter;
  #abort: ((reason?: Error) => void) | null = null;
  #resume: (() => void) | null = null;
  #stopWaiting: () => void = () => undefined;
  /** Null until the head has arrived. */
  #head: ResponseHead | null = null;
  #buffered: BufferedResponse | null = null;
  #meter: UsageMeter | null = null;
  #filter: StreamFilter | null = null;
  #translated: TranslatedStream | null = null;
  #isOver = false;
  #discardedBytes = 0;

  constructor(
    private readonly call: LlmCall,
    private readonly listener: UpstreamListener,
  ) {
    this.#client = new ClientWriter(call.response, call.capture, () => this.resume());
    this.#guarded = new GuardedWriter(this.#client, this);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  start(egress: Egress, outbound: OutboundRequest): void {
    const { response } = this.call;
    this.#stopWaiting = onceClosed(response, () => this.#handleClientClosed());
    if (response.destroyed) return this.#handleClientClosed();
    egress.dispatch(
      outbound.origin,
      { path: outbound.path, method: outbound.method, headers: outbound.headers, body: outbound.body },
      this,
    );
  }

  onConnect(abort: (reason?: Error) => void): void {
    this.#abort = abort;
    if (this.#isOver) abort(new Error('the client disconnected'));
  }

  onHeaders(status: number, rawHeaders: Buffer[], resume: () => void): boolean {
    if (status < 200) return true; // interim responses are not forwarded
    const { call } = this;
    if (status >= 300 && status < 400 && status !== NOT_MODIFIED) {
      // A client that follows a redirect would send its credential and the body to the new address.
      this.#fail(createRedirectError(status));
      this.#abort?.();
      return true;
    }
    if (this.listener.failOver(call, status, rawHeaders)) {
      this.#close(); // the rest is read and discarded, which keeps the connection
      return true;
    }
    call.headAtMs = performance.now();
    call.status = status;
    if (status >= 400) call.outcome = 'upstream_error';
    this.#resume = resume;
    const head = (this.#head = new ResponseHead(call, rawHeaders));
    this.#meter = head.createMeter();
    if (call.target?.translation) this.#translate(head);
    else if (head.form !== null && status < 300) this.#filter = createStreamFilter(call);
    if (call.guardrails && !this.#createGuardrails(head)) return true;
    if (head.isBuffered(this.#guarded.guardrails?.isWhole ?? false)) this.#buffered = new BufferedResponse();
    else {
      this.#sendHead(null);
      startCapture(call.capture, head.headers);
    }
    if (call.proxy!.strictAudit)
      this.#client.bufferFinalEvent(call.dialect, findTextStreamForm(head.form, head.headers));
    return true;
  }

  #translate(head: ResponseHead): void {
    const { target, info, status } = this.call;
    const translation = target!.translation!;
    const isReadable = head.form !== null || translation.isWhole;
    if (isReadable && status < 300 && info.streaming) this.#translated = translation.createStream();
    head.translate(this.#translated !== null);
  }

  /** Applies guardrails to the response. Returns false if they cannot check such a response, which is refused. */
  #createGuardrails(head: ResponseHead): boolean {
    try {
      this.#guarded.guardrails = ResponseGuardrails.create(this.call, this.call.status, head.headers);
      return true;
    } catch (error) {
      this.#buffered = new BufferedResponse(); // nothing of it has been shown
      this.fail(error);
      return false;
    }
  }

  onData(chunk: Buffer): boolean {
    if (this.#isOver) return this.#discard(chunk);
    this.call.firstByteAtMs ??= performance.now();
    this.#meter?.push(chunk);
    if (this.#buffered) return this.#buffer(this.#buffered, chunk);
    if (this.#translated) return this.#writeTranslated(this.#translated, chunk);
    return this.#guarded.checkAndWrite(this.#filter ? this.#filter.push(chunk) : chunk);
  }

  /** Lets the provider send more, unless a webhook is still being asked about what it sent. */
  resume(): void {
    if (!this.#guarded.isCheckPending) this.#resume?.();
  }

  refuse(error: GatewayError): void {
    this.abort(error);
  }

  fail(error: unknown): void {
    this.#fail(toGatewayError(error));
    this.#abort?.();
  }

  #discard(chunk: Buffer): boolean {
    this.#discardedBytes += chunk.length;
    if (this.#discardedBytes > MAX_DISCARDED_BYTES) this.#abort?.(new Error('the call continues at another target'));
    return true;
  }

  #writeTranslated(stream: TranslatedStream, chunk: Buffer): boolean {
    try {
      const events = stream.push(chunk);
      if (!stream.hasFailed) return this.#guarded.checkAndWrite(events);
      this.#guarded.checkLast(events, (checked) => {
        this.call.outcome = 'upstream_error';
        this.#readMeter();
        this.#end(() => this.#client.endWith(checked, false));
        this.#abort?.(new Error('the stream reported an error'));
      });
      return !this.#guarded.isCheckPending;
    } catch (cause) {
      this.#fail(createUntranslatableError(cause));
      this.#abort?.();
    }
    return true;
  }

  onComplete(): void {
    if (this.#isOver) return;
    try {
      if (this.#buffered) this.#completeWhole(this.#buffered.concat(), this.#head!);
      else this.#completeStream();
    } catch (error) {
      // An error thrown into undici here would be lost, and the client would wait forever.
      this.#fail(toGatewayError(error));
    }
  }

  #completeWhole(response: Buffer, head: ResponseHead): void {
    const { call } = this;
    if (this.#isFailed(response, head)) {
      if (this.#isOver) return;
      this.#guarded.guardrails = null; // guardrails do not check errors
    }
    this.#readMeter();
    const body = translateForClient(call, maskKeyForCaller(call, response), head.getVendorHeader);
    this.#guarded.checkWhole(body, (checked) => this.#sendWhole(checked, head));
  }

  /**
   * Whether the body is an error with a status of success. The Model Router gives it the status that it means, or tries
   * another target.
   */
  #isFailed(response: Buffer, head: ResponseHead): boolean {
    const { call } = this;
    const status = readFailedStatus(call, response, head.getVendorHeader);
    if (status === null) return false;
    call.outcome = 'upstream_error';
    if (!call.route) return true;
    if (this.listener.failOver(call, status)) this.#close();
    else call.status = status;
    return true;
  }

  #completeStream(): void {
    this.#readMeter();
    const rest = this.#translated ? this.#translated.end() : (this.#filter?.end() ?? '');
    if (rest === null) return this.#fail(createStreamCutError(), !this.#head!.isDelimited);
    this.#guarded.checkLast(rest, (checked) => {
      this.#client.write(checked);
      this.#end(() => this.#client.end());
    });
  }

  #sendWhole(body: Buffer, head: ResponseHead): void {
    const { call } = this;
    startCapture(call.capture, head.headers);
    call.capture?.push(body);
    this.#end(() => {
      this.#sendHead(body.length);
      call.response.end(body);
    });
  }

  onError(error: Error): void {
    if (this.#isOver) return;
    const failure = toUpstreamError(error);
    this.#fail(failure, failure.code === 'upstream_unreachable');
  }

  /** Ends the response from outside: the credential was revoked, or this process stops. */
  abort(error: GatewayError): void {
    if (this.#isOver) return;
    this.call.outcome = 'cut';
    this.#fail(error);
    this.#abort?.(error);
  }

  /** Gathers the response until it is whole, or too large to gather. */
  #buffer(buffered: BufferedResponse, chunk: Buffer): boolean {
    buffered.push(chunk);
    if (buffered.bytes <= MAX_BUFFERED_BYTES) return true;
    const { call } = this;
    const { translation, restoration } = call.target ?? {};
    const isTranslated = translation || restoration;
    if (isTranslated || this.#guarded.guardrails?.isWhole) {
      if (buffered.bytes <= MAX_TRANSLATED_BYTES) return true;
      this.#fail(
        isTranslated ? createUntranslatableError(new Error('the response is too large')) : createTooLargeToCheckError(),
      );
      this.#abort?.();
      return true;
    }
    this.#buffered = null;
    this.#sendHead(null);
    startCapture(call.capture, this.#head!.headers);
    return this.#client.write(maskKeyForCaller(call, buffered.concat()));
  }

  #sendHead(length: number | null): void {
    this.#head!.send(this.listener.buildGatewayHeaders(this.call), length);
  }

  /**
   * Ends the response with an error. `isBroken`: the provider's connection broke, so that the client's must break as
   * well.
   */
  #fail(error: GatewayError, isBroken = false): void {
    const { call } = this;
    const { response } = call;
    call.error = error;
    if (call.outcome !== 'cut') call.outcome = error.code === 'guardrail_blocked' ? 'refused' : 'error';
    this.#readMeter();
    if (!response.headersSent && !this.#isHeadWritten()) {
      this.#close();
      if (call.headAtMs === 0 && this.listener.failOver(call, error)) return;
      return this.listener.fail(call, error);
    }
    this.#close();
    const streamEnd = { form: this.#head?.form ?? null, isComplete: !isBroken };
    const event = renderStreamErrorEvent(call, error, this.#client, streamEnd);
    if (event !== null && !isBroken)
      return this.listener.finish(call, () => this.#client.endWith(event, call.outcome === 'cut'));
    if (event !== null) this.#client.breakOff(event);
    else response.destroy();
    this.listener.finish(call);
  }

  #readMeter(): void {
    this.call.reading = this.#meter?.read() ?? null;
    this.listener.priceUsage(this.call);
  }

  #isHeadWritten(): boolean {
    return this.call.headAtMs > 0 && this.#buffered === null;
  }

  /** Stops the provider's response after the client closed the connection. */
  #handleClientClosed(): void {
    if (this.#isOver) return;
    this.#finish('client_aborted');
    this.#abort?.(new Error('the client disconnected'));
  }

  #finish(outcome: LlmCall['outcome']): void {
    const { call } = this;
    call.outcome = outcome;
    this.#readMeter();
    this.#end();
  }

  #end(send?: () => void): void {
    this.listener.finish(this.call, send);
    this.#close();
  }

  #close(): void {
    this.#isOver = true;
    this.#stopWaiting();
  }
}
