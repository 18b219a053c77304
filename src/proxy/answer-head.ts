/** The head of a provider's response: what it says of the body, and how the client gets it. */
import type { UsageMeter } from '../providers/dialects/dialect.js';
import type { StreamForm } from '../providers/stream-form.js';
import { dialectStreamForm, hasContent } from './answer-shape.js';
import type { Exchange } from './exchange.js';
import { headerIn, isDelimited, responseHeaders } from './forwarded-headers.js';
import { withLeastWait } from './retry-after.js';
import { translatedHeaders } from './translated-headers.js';

export class AnswerHead {
  /** Flat name, value …; names lower-case: as the client gets them. */
  headers: string[];
  /** Null: no stream that ends with an error in its own grammar. */
  form: StreamForm | null;
  /** The vendor says where its response ends. Of others the end and a broken connection look alike (RFC 9112 §6.3). */
  readonly isDelimited: boolean;
  /** As the vendor sent them. */
  readonly #vendorHeaders: readonly string[];
  readonly #contentType: string;

  /** The exchange has the response's status. */
  constructor(
    private readonly exchange: Exchange,
    rawHeaders: readonly Buffer[],
  ) {
    this.headers = withLeastWait(exchange, responseHeaders(rawHeaders));
    this.#vendorHeaders = this.headers;
    this.isDelimited = isDelimited(rawHeaders);
    this.#contentType = (this.vendorHeader('content-type') ?? '').toLowerCase();
    this.form = dialectStreamForm(exchange.upstreamDialect, this.#contentType);
  }

  /** By a lower-case name. */
  readonly vendorHeader = (name: string): string | null => headerIn(this.#vendorHeaders, name);

  /** Null where nothing can be read of what the call uses. */
  meter(): UsageMeter | null {
    const { operation, upstreamDialect, vendorPath } = this.exchange;
    return operation!.rule.metered ? upstreamDialect.meter(this.#contentType, vendorPath, this.vendorHeader) : null;
  }

  /** The response to a translated call has the client's content type, whatever the vendor's was. */
  translate(isEventStream: boolean): void {
    this.form = isEventStream ? 'events' : null;
    this.headers = translatedHeaders(this.#vendorHeaders, isEventStream);
  }

  get hasBody(): boolean {
    return this.#hasContent && headerIn(this.headers, 'content-length') !== '0';
  }

  /**
   * Whether the body is gathered before anything is sent: so that its cost, or the place that responds instead, can stand in
   * the head.
   */
  isGathered(isScreenedWhole: boolean): boolean {
    const { exchange } = this;
    const { target, proxy, status, credential, facts, route } = exchange;
    // Its head is all of it.
    if (proxy!.strictAudit && !this.hasBody) return true;
    if (target?.translation) return this.form === null;
    if (!this.#hasContent) return false;
    if (isScreenedWhole || (target?.restoration && this.form === null)) return true;
    // Errors of all kinds: they may quote the stored key.
    if (status >= 400 && credential!.providerKeyId !== null) return true;
    return this.#contentType.startsWith('application/json') && (!facts.streaming || route !== null);
  }

  /** @param length of the body; null where it is not known */
  send(ofGateway: readonly string[], length: number | null): void {
    const { response, status } = this.exchange;
    const headers = [...this.headers, ...ofGateway];
    if (length !== null && this.#hasContent) headers.push('content-length', String(length));
    if (this.form !== null) headers.push('x-accel-buffering', 'no');
    response.writeHead(status, headers);
    // Whoever waits for the head of a stream must not have to wait for its first event too.
    if (length === null) setImmediate(() => response.headersSent && !response.writableEnded && response.flushHeaders());
  }

  get #hasContent(): boolean {
    return hasContent(this.exchange, this.exchange.status);
  }
}
