/** Reports the state of this process: admission, the principal cache, running calls, and Node itself. */
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { collectDefaultMetrics, type Registry } from 'prom-client';
import { AuthTimings } from '../../auth/guard/auth-timings.js';
import { PrincipalCache } from '../../auth/guard/principal-cache.js';
import { RunningCalls } from '../../proxy/call/running-calls.js';
import { METRICS_REGISTRY } from '../metrics/registry.js';
import { registerGauge } from '../metrics/observable.js';
import { CounterMetric, HistogramMetric, type CounterSeries, type HistogramSeries } from '../metrics/series-metric.js';

/** A cached caller takes about a microsecond, one that has to be looked up a few milliseconds. */
const AUTH_SECONDS = [0.000005, 0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1];

@Injectable()
export class ProcessMetrics implements OnApplicationShutdown {
  constructor(
    @Inject(METRICS_REGISTRY) private readonly registry: Registry,
    timings: AuthTimings,
    principals: PrincipalCache,
    runningCalls: RunningCalls,
  ) {
    collectDefaultMetrics({ register: registry });
    this.#registerAuthMetrics(timings);
    registerGauge(registry, 'gatehouse_principal_cache_entries', 'Cached callers.', () => principals.size);
    registerGauge(registry, 'gatehouse_open_exchanges', 'LLM calls that are running.', () => runningCalls.count);
  }

  /** prom-client observes garbage collections until the process ends, and keeps the registry for that. */
  onApplicationShutdown(): void {
    this.registry.clear();
  }

  #registerAuthMetrics(timings: AuthTimings): void {
    const durations = new HistogramMetric(
      this.registry,
      'gatehouse_auth_duration_seconds',
      'Time to authenticate a caller.',
      AUTH_SECONDS,
    );
    const lookups = new CounterMetric(
      this.registry,
      'gatehouse_principal_cache_lookups_total',
      'Authenticated requests whose caller was cached (hit) or looked up (miss).',
    );
    const seriesByKey = new Map<string, { durations: HistogramSeries; lookups: CounterSeries }>();
    timings.listen((method, milliseconds, cache) => {
      const key = cache === 'hit' ? method : `${method} ${cache}`;
      let series = seriesByKey.get(key);
      if (!series) {
        series = { durations: durations.with({ method, cache }), lookups: lookups.with({ result: cache }) };
        seriesByKey.set(key, series);
      }
      series.durations.observe(milliseconds / 1000);
      series.lookups.value++;
    });
  }
}
