import cluster from 'node:cluster';
import { Inject, Injectable } from '@nestjs/common';
import type { Registry } from 'prom-client';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { ClusterMember } from './cluster-metrics.js';
import { METRICS_REGISTRY } from '../metrics/registry.js';

/** Reads the metrics in Prometheus' format: of this process, or of all workers if there are several. */
@Injectable()
export class MetricsReader {
  readonly #member: ClusterMember | null;

  constructor(@Inject(METRICS_REGISTRY) private readonly registry: Registry) {
    this.#member = cluster.isWorker ? new ClusterMember(registry) : null;
  }

  /** Throws `temporarily_unavailable` while another worker cannot respond (for example, while it is replaced). */
  async read(): Promise<string> {
    if (!this.#member) return this.registry.metrics();
    try {
      return await this.#member.requestAll();
    } catch (cause) {
      throw new GatewayError('temporarily_unavailable', 'Not all processes reported their metrics. Try again.', {
        retryAfterSeconds: 1,
        cause,
      });
    }
  }
}
