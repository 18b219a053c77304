/** Traces LLM calls if OTEL_EXPORTER_OTLP_ENDPOINT is set; otherwise does nothing, at no cost to a call. */
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { AppConfig } from '../../platform/config/app-config.js';
import { findHttpSurface, LLM_SURFACE } from '../../platform/http/http-surfaces.js';
import { AppLogger } from '../../platform/logging/app-logger.js';
import { UsageRecorder } from '../../usage/recording/usage-recorder.js';
import type { OtlpCallTracer } from './otlp-call-tracer.js';

@Injectable()
export class CallTracing implements OnModuleInit, OnApplicationShutdown {
  #tracer: OtlpCallTracer | null = null;

  constructor(
    private readonly config: AppConfig,
    private readonly logger: AppLogger,
    private readonly recorder: UsageRecorder,
    private readonly adapterHost: HttpAdapterHost,
  ) {}

  async onModuleInit(): Promise<void> {
    const { otlpEndpoint, http } = this.config;
    if (otlpEndpoint === null) return;
    const { OtlpCallTracer } = await import('./otlp-call-tracer.js');
    const tracer = new OtlpCallTracer({ endpoint: otlpEndpoint, publicUrl: http.publicUrl }, this.logger);
    this.#tracer = tracer;
    this.recorder.onRecord((record) => tracer.finish(record));
    const fastify = this.adapterHost.httpAdapter.getInstance<FastifyInstance>();
    fastify.addHook('onRequest', (request, _reply, done) => {
      if (findHttpSurface(request.raw.url!) === LLM_SURFACE)
        request.traceHeaders = tracer.start(request.id, request.raw.headers);
      done();
    });
  }

  /** All calls have ended by now, and so have their spans. */
  async onApplicationShutdown(): Promise<void> {
    await this.#tracer?.close();
  }
}
