/** How this process is doing: admission, the principal cache, the record queue, what is running, and Node itself. */
import { Inject, Injectable } from '@nestjs/common';
import { Counter, Gauge, collectDefaultMetrics, type Registry } from 'prom-client';
import { AuthTimings } from '../auth/auth-timings.js';
import { PrincipalCache } from '../auth/principal-cache.js';
import { OpenExchanges } from '../proxy/open-exchanges.js';
import { RefusalRecorder } from '../proxy/refusal.recorder.js';
import { RecordSpool } from '../usage/spool/record-spool.js';
import { UsageRecorder } from '../usage/usage-recorder.js';
import { METRICS_REGISTRY } from './metrics-registry.js';
import { CounterMetric, HistogramMetric, type CounterSeries, type HistogramSeries } from './series-metric.js';

/** A known caller takes about a microsecond, one that has to be looked up a few milliseconds. */
const AUTH_SECONDS = [0.000005, 0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1];

@Injectable()
export class ProcessMetrics {
  constructor(
    @Inject(METRICS_REGISTRY) private readonly registry: Registry,
    timings: AuthTimings,
    principals: PrincipalCache,
    recorder: UsageRecorder,
    spool: RecordSpool,
    refusals: RefusalRecorder,
    open: OpenExchanges,
  ) {
    collectDefaultMetrics({ register: registry });
    this.#admissions(timings);
    this.#gauge('gatehouse_principal_cache_entries', 'Callers known by heart.', () => principals.size);
    this.#gauge('gatehouse_records_queued', 'Records of calls that wait to be written.', () => recorder.queued);
    this.#gauge('gatehouse_open_exchanges', 'LLM calls that are running.', () => open.count);
    this.#count('gatehouse_records_lost_total', 'Records given up because the queue was full.', () => recorder.lost);
    this.#spool(spool);
    this.#count(
      'gatehouse_refusals_unrecorded_total',
      'Refusals that got no record because their address had its share.',
      () => refusals.unrecorded,
    );
  }

  #spool(spool: RecordSpool): void {
    this.#gauge('gatehouse_spool_bytes', 'Bytes of records on the disk, of all processes.', () => spool.bytes);
    this.#gauge('gatehouse_spool_files', 'Files of records that this process is to replay.', () => spool.files);
    this.#count('gatehouse_spool_written_total', 'Records that went to the disk.', () => spool.written);
    this.#count('gatehouse_spool_replayed_total', 'Records read back from the disk.', () => spool.replayed);
    this.#count('gatehouse_spool_torn_total', 'Lines on the disk that were no whole record.', () => spool.torn);
  }

  #admissions(timings: AuthTimings): void {
    const durations = new HistogramMetric(
      this.registry,
      'gatehouse_auth_duration_seconds',
      'Time the guard took to admit a caller.',
      AUTH_SECONDS,
    );
    const lookups = new CounterMetric(
      this.registry,
      'gatehouse_principal_cache_lookups_total',
      'Admitted requests whose caller was known (hit) or had to be looked up (miss).',
    );
    const known = new Map<string, { durations: HistogramSeries; lookups: CounterSeries }>();
    timings.listen((method, milliseconds, cache) => {
      const key = cache === 'hit' ? method : `${method} ${cache}`;
      let series = known.get(key);
      if (!series) {
        series = { durations: durations.with({ method, cache }), lookups: lookups.with({ result: cache }) };
        known.set(key, series);
      }
      series.durations.observe(milliseconds / 1000);
      series.lookups.value++;
    });
  }

  #gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(read());
      },
    });
  }

  /** A counter that is kept elsewhere. */
  #count(name: string, help: string, read: () => number): void {
    new Counter({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  }
}
