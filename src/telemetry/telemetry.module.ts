/**
 * Owns: metrics, the log line per call, traces. Promises: it costs a call a few microseconds at most, and its failures
 * never fail a call; its output contains no header, body, query or secret; a metric has few labels. Must not change the
 * modules that it observes: it only listens to them.
 */
import { Module } from '@nestjs/common';
import { Registry } from 'prom-client';
import { ContentModule } from '../content/content.module.js';
import { ProxyModule } from '../proxy/proxy.module.js';
import { UsageModule } from '../usage/usage.module.js';
import { CallLog } from './observers/call-log.js';
import { CallMetrics } from './observers/call-metrics.js';
import { CallTracing } from './tracing/call-tracing.js';
import { MetricsController } from './endpoint/metrics.controller.js';
import { MetricsPort } from './endpoint/metrics-port.js';
import { MetricsReader } from './endpoint/metrics.reader.js';
import { METRICS_REGISTRY } from './metrics/registry.js';
import { ProcessMetrics } from './observers/process-metrics.js';
import { RecordMetrics } from './observers/record-metrics.js';

@Module({
  imports: [UsageModule, ContentModule, ProxyModule],
  controllers: [MetricsController],
  providers: [
    { provide: METRICS_REGISTRY, useFactory: () => new Registry() },
    MetricsReader,
    MetricsPort,
    CallMetrics,
    ProcessMetrics,
    RecordMetrics,
    CallLog,
    CallTracing,
  ],
})
export class TelemetryModule {}
