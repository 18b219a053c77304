/**
 * Merges the metrics of several processes. The primary process gathers the figures of its workers, over the channel of
 * node:cluster; a worker that receives a request for metrics asks the primary.
 */
import cluster, { type Worker } from 'node:cluster';
import { AggregatorRegistry, type Registry } from 'prom-client';
import type { AppConfig } from '../../platform/config/app-config.js';
import { startMetricsServer } from './metrics-server.js';

/** prom-client itself gives a worker five seconds to respond. */
const TIMEOUT_MS = 6_000;

interface MetricsRequest {
  type: 'gatehouse:metrics?';
  id: number;
}
interface MetricsResponse {
  type: 'gatehouse:metrics';
  id: number;
  /** Null if the workers' figures are unavailable. */
  text: string | null;
}

/** Runs in the primary: opens METRICS_PORT if it is set, and responds to workers that ask for the metrics of all. */
export async function serveClusterMetrics({ metricsPort, http }: AppConfig): Promise<void> {
  const aggregator = new AggregatorRegistry();
  cluster.on('message', (worker: Worker, message: MetricsRequest) => {
    if (message.type !== 'gatehouse:metrics?') return;
    const respond = (text: string | null): void => {
      if (worker.isConnected())
        worker.send({ type: 'gatehouse:metrics', id: message.id, text } satisfies MetricsResponse);
    };
    aggregator.clusterMetrics().then(respond, () => respond(null));
  });
  if (metricsPort !== null) await startMetricsServer(metricsPort, http.host, () => aggregator.clusterMetrics());
}

/** Runs in a worker: lets the primary read `registry`, and asks it for the metrics of all workers. */
export class ClusterMember {
  readonly #pending = new Map<number, (text: string | null) => void>();
  #lastId = 0;

  constructor(registry: Registry) {
    AggregatorRegistry.setRegistries(registry);
    new AggregatorRegistry(); // responds to the primary's questions from now on
    process.on('message', (message: MetricsResponse) => {
      if (message.type === 'gatehouse:metrics') this.#pending.get(message.id)?.(message.text);
    });
  }

  /** Rejects if the primary or another worker does not respond in time. */
  async requestAll(): Promise<string> {
    const id = ++this.#lastId;
    try {
      return await new Promise<string>((resolve, reject) => {
        const giveUp = (): void => reject(new Error('not all processes reported their metrics'));
        const timer = setTimeout(giveUp, TIMEOUT_MS);
        this.#pending.set(id, (text) => {
          clearTimeout(timer);
          if (text === null) giveUp();
          else resolve(text);
        });
        process.send!({ type: 'gatehouse:metrics?', id } satisfies MetricsRequest);
      });
    } finally {
      this.#pending.delete(id);
    }
  }
}
