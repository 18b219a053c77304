/** Reports the fate of interaction records and content: queued, spooled to disk, and dropped. */
import { Inject, Injectable } from '@nestjs/common';
import type { Registry } from 'prom-client';
import { ContentWriter } from '../../content/capture/content-writer.js';
import { RefusalRecorder } from '../../proxy/accounting/refusal-recorder.js';
import { RecordSpool } from '../../usage/spool/record-spool.js';
import { UsageRecorder } from '../../usage/recording/usage-recorder.js';
import { METRICS_REGISTRY } from '../metrics/registry.js';
import { registerCounter, registerGauge } from '../metrics/observable.js';

@Injectable()
export class RecordMetrics {
  constructor(
    @Inject(METRICS_REGISTRY) registry: Registry,
    recorder: UsageRecorder,
    spool: RecordSpool,
    contents: ContentWriter,
    refusals: RefusalRecorder,
  ) {
    registerGauge(
      registry,
      'gatehouse_records_queued',
      'Records of calls that wait to be written to the database.',
      () => recorder.queued,
    );
    registerCounter(
      registry,
      'gatehouse_records_lost_total',
      'Records dropped because there was no space for them.',
      () => recorder.lost,
    );
    registerCounter(registry, 'gatehouse_content_lost_total', 'Calls whose content was dropped.', () => contents.lost);
    registerGauge(registry, 'gatehouse_spool_bytes', 'Bytes of records on disk, of all processes.', () => spool.bytes);
    registerGauge(
      registry,
      'gatehouse_spool_files',
      'Files of records that this process still has to replay.',
      () => spool.files,
    );
    registerCounter(registry, 'gatehouse_spool_written_total', 'Records written to disk.', () => spool.written);
    registerCounter(registry, 'gatehouse_spool_replayed_total', 'Records replayed from disk.', () => spool.replayed);
    registerCounter(
      registry,
      'gatehouse_spool_torn_total',
      'Lines on disk that were not a complete record.',
      () => spool.torn,
    );
    registerCounter(
      registry,
      'gatehouse_refusals_unrecorded_total',
      'Refusals without a record, because their address exceeded its share.',
      () => refusals.unrecorded,
    );
  }
}
