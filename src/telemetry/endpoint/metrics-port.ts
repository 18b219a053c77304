import type { Server } from 'node:http';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { AppConfig } from '../../platform/config/app-config.js';
import { MetricsReader } from './metrics.reader.js';
import { startMetricsServer } from './metrics-server.js';

/** Opens METRICS_PORT in a single process; with several workers, the primary process opens it. */
@Injectable()
export class MetricsPort implements OnApplicationBootstrap, OnApplicationShutdown {
  #server: Server | null = null;

  constructor(
    private readonly config: AppConfig,
    private readonly metrics: MetricsReader,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { metricsPort, http } = this.config;
    if (metricsPort === null || http.workers > 1) return;
    this.#server = await startMetricsServer(metricsPort, http.host, () => this.metrics.read());
  }

  onApplicationShutdown(): void {
    this.#server?.closeAllConnections();
    this.#server?.close();
  }
}
