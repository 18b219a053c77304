/**
 * Exports spans of LLM calls by OTLP over HTTP. Only this file loads the OpenTelemetry SDK (about 25 MB), and it is
 * loaded only if tracing is enabled.
 */
import type { IncomingHttpHeaders } from 'node:http';
import {
  context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  diag,
  DiagLogLevel,
  SpanKind,
  trace,
  type Attributes,
  type Span,
  type Tracer,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { core, resources, tracing } from '@opentelemetry/sdk-node';
import type { AppLogger } from '../../platform/logging/app-logger.js';
import type { InteractionRecord } from '../../usage/recording/interaction-record.js';
import { buildSpanAttributes, getSpanName, getSpanStatus } from './span-attributes.js';

/** An unreachable collector must not delay the end of the process. */
const EXPORT_TIMEOUT_MS = 5_000;

/** Maximum of open spans. The few requests without a record (refused in a flood) are evicted in time. */
const MAX_OPEN = 50_000;

export interface OtlpOptions {
  /** OTEL_EXPORTER_OTLP_ENDPOINT: the base URL; `/v1/traces` is appended. */
  endpoint: string;
  /** The origin that clients call. */
  publicUrl: string;
}

export class OtlpCallTracer {
  readonly #open = new Map<string, Span>();
  readonly #propagator = new core.W3CTraceContextPropagator();
  readonly #provider: tracing.BasicTracerProvider;
  readonly #tracer: Tracer;
  readonly #server: Attributes;

  constructor({ endpoint, publicUrl }: OtlpOptions, logger: AppLogger) {
    const warn = (message: string, ...details: unknown[]): void => logger.pino.warn({ details }, message);
    const ignore = (): void => undefined;
    diag.setLogger(
      { error: warn, warn, info: ignore, debug: ignore, verbose: ignore },
      { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
    );
    const exporter = new OTLPTraceExporter({
      url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
      timeoutMillis: EXPORT_TIMEOUT_MS,
    });
    const fromEnvironment = resources.detectResources({ detectors: [resources.envDetector] });
    this.#provider = new tracing.BasicTracerProvider({
      // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES override the name of the program.
      resource: resources
        .defaultResource()
        .merge(resources.resourceFromAttributes({ 'service.name': 'gatehouse' }))
        .merge(fromEnvironment),
      spanProcessors: [new tracing.BatchSpanProcessor(exporter, { exportTimeoutMillis: EXPORT_TIMEOUT_MS })],
    });
    this.#tracer = this.#provider.getTracer('gatehouse');
    const { hostname, port, protocol } = new URL(publicUrl);
    this.#server = { 'server.address': hostname, 'server.port': Number(port) || (protocol === 'https:' ? 443 : 80) };
  }

  /**
   * Starts the span of a request, as a child of the caller's span if its `traceparent` is valid (W3C Trace Context).
   * Returns the headers that propagate the trace to the provider, as a flat list.
   */
  start(requestId: string, headers: IncomingHttpHeaders): readonly string[] {
    const parent = this.#propagator.extract(context.active(), headers, defaultTextMapGetter);
    const span = this.#tracer.startSpan('call', { kind: SpanKind.SERVER, attributes: this.#server }, parent);
    this.#open.set(requestId, span);
    if (this.#open.size > MAX_OPEN) this.#open.delete(this.#open.keys().next().value!);
    const propagated: Record<string, string> = {};
    this.#propagator.inject(trace.setSpan(parent, span), propagated, defaultTextMapSetter);
    return Object.entries(propagated).flat();
  }

  /** Ends the span with the attributes of the call's record. */
  finish(record: InteractionRecord): void {
    const span = this.#open.get(record.requestId) ?? this.#startLateSpan(record);
    this.#open.delete(record.requestId);
    if (span.isRecording()) {
      span.updateName(getSpanName(record));
      span.setAttributes(buildSpanAttributes(record));
      span.setStatus({ code: getSpanStatus(record) });
    }
    span.end();
  }

  /** Exports the remaining spans. Never rejects: an unreachable collector is logged. */
  async close(): Promise<void> {
    await this.#provider.shutdown().catch((error: unknown) => diag.warn('traces were not exported', error));
  }

  /** Returns a span for a request that was refused before its span started. */
  #startLateSpan(record: InteractionRecord): Span {
    return this.#tracer.startSpan('call', {
      kind: SpanKind.SERVER,
      startTime: record.createdAt,
      attributes: this.#server,
      root: true,
    });
  }
}
