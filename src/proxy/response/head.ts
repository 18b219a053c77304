/** Head of a provider's response: reads what it declares of the body, and writes the head that the client receives. */
import type { UsageMeter } from '../../providers/dialects/base/dialect.js';
import type { StreamForm } from '../../providers/wire/stream-form.js';
import { findDialectStreamForm, hasContent } from './form.js';
import type { LlmCall } from '../call/llm-call.js';
import { findHeader, isDelimited, selectResponseHeaders } from '../headers/forwarded.js';
import { applyShortestWait } from '../headers/retry-after.js';
import { buildTranslatedHeaders } from '../headers/translated.js';

export class ResponseHead {
  /** Headers as the client receives them: flat name, value …; names in lower case. */
  headers: string[];
  /** Form of the stream; null if the body is not a stream that can end with an error in its own grammar. */
  form: StreamForm | null;
  /**
   * Whether the vendor declares where its response ends. If not, its end and a broken connection look alike (RFC 9112
   * §6.3).
   */
  readonly isDelimited: boolean;
  /** The vendor's headers that pass to the client, before `translate` replaces them. */
  readonly #vendorHeaders: readonly string[];
  readonly #contentType: string;

  /** `call.status` must already hold the status of the response. */
  constructor(
    private readonly call: LlmCall,
    rawHeaders: readonly Buffer[],
  ) {
    this.headers = applyShortestWait(call, selectResponseHeaders(rawHeaders));
    this.#vendorHeaders = this.headers;
    this.isDelimited = isDelimited(rawHeaders);
    this.#contentType = (this.getVendorHeader('content-type') ?? '').toLowerCase();
    this.form = findDialectStreamForm(call.upstreamDialect, this.#contentType);
  }

  /** Returns the vendor's header of this lower-case name, or null. */
  readonly getVendorHeader = (name: string): string | null => findHeader(this.#vendorHeaders, name);

  /** Returns a meter of the response; null if the usage of the call cannot be read from it. */
  createMeter(): UsageMeter | null {
    const { operation, upstreamDialect, vendorPath } = this.call;
    return operation!.rule.metered
      ? upstreamDialect.createMeter(this.#contentType, vendorPath, this.getVendorHeader)
      : null;
  }

  /** Replaces the headers for a translated response: it has the client's content type, not the vendor's. */
  translate(isEventStream: boolean): void {
    this.form = isEventStream ? 'events' : null;
    this.headers = buildTranslatedHeaders(this.#vendorHeaders, isEventStream);
  }

  get hasBody(): boolean {
    return this.#hasContent && findHeader(this.headers, 'content-length') !== '0';
  }

  /**
   * Whether the body is gathered before anything is sent, so that the head can state its cost or another target can
   * respond instead.
   */
  isBuffered(isCheckedWhole: boolean): boolean {
    const { call } = this;
    const { target, proxy, status, credential, info, route } = call;
    // Under strict audit the record comes first, and without a body the head is the complete response.
    if (proxy!.strictAudit && !this.hasBody) return true;
    if (target?.translation) return this.form === null;
    if (!this.#hasContent) return false;
    if (isCheckedWhole || (target?.restoration && this.form === null)) return true;
    // Errors of every content type may quote the stored key.
    if (status >= 400 && credential!.providerKeyId !== null) return true;
    return this.#contentType.startsWith('application/json') && (!info.streaming || route !== null);
  }

  /** @param length of the body in bytes; null if it is unknown */
  send(gatewayHeaders: readonly string[], length: number | null): void {
    const { response, status } = this.call;
    const headers = [...this.headers, ...gatewayHeaders];
    if (length !== null && this.#hasContent) headers.push('content-length', String(length));
    if (this.form !== null) headers.push('x-accel-buffering', 'no');
    response.writeHead(status, headers);
    // Clients that wait for the head of a stream must not have to wait for its first event too.
    if (length === null) setImmediate(() => response.headersSent && !response.writableEnded && response.flushHeaders());
  }

  get #hasContent(): boolean {
    return hasContent(this.call, this.call.status);
  }
}
