/**
 * The lifecycle of the server. Functions here return the exit code and do not exit, so that `main.ts` and the command
 * line share one implementation of starting, draining and stopping.
 */
import cluster from 'node:cluster';
import type { PGliteOptions } from '@electric-sql/pglite';
import { ENTITIES } from './entities.js';
import { formatBanner } from './banner.js';
import { runFirstStart, type FirstOwnerAccess } from './first-start.js';
import { createHttpApp } from './http-app.js';
import { loadConfig, type AppConfig } from '../platform/config/app-config.js';
import { closePlatform, openPlatform } from '../platform/open-platform.js';
import type { PlatformResources } from '../platform/platform.module.js';
import { serveClusterMetrics } from '../telemetry/endpoint/cluster-metrics.js';
import { superviseWorkers } from './workers.js';

/** Time beyond DRAIN_SECONDS for writing records and closing connections before the process exits regardless. */
const CLOSING_MS = 10_000;

/** A running gateway and its resources. */
export interface RunningGateway {
  resources: PlatformResources;
  /** Credentials that the first start created; null when the database was not empty. */
  created: FirstOwnerAccess | null;
  /** Drains and closes everything. */
  close(drainMs: number): Promise<void>;
}

export interface StartOptions {
  /** False: everything is prepared, but the server does not listen. */
  listen: boolean;
  /** False in a worker: the primary process has done it. */
  firstStart: boolean;
  /** See openDatabase. */
  embedded?: PGliteOptions;
}

/** A failed start leaves nothing open. */
export async function startGateway(config: AppConfig, options: StartOptions): Promise<RunningGateway> {
  const resources = await openPlatform(config, { entities: ENTITIES, embedded: options.embedded });
  try {
    const app = await createHttpApp(resources);
    const created = options.firstStart ? await runFirstStart(app.nest) : null;
    if (options.listen) await app.nest.listen(config.http.port, config.http.host);
    const close = async (drainMs: number): Promise<void> => {
      await app.shutDown(drainMs);
      await closePlatform(resources);
    };
    return { resources, created, close };
  } catch (error) {
    await closePlatform(resources);
    throw error;
  }
}

/** Runs one process, or WORKERS of them, until it receives a signal. Resolves with the exit code. */
export async function serve(environment: Readonly<Record<string, string | undefined>>): Promise<number> {
  const config = loadConfig(environment);
  const isPrimary = cluster.isPrimary;
  if (config.http.workers === 1 || !isPrimary) return serveInProcess(config, isPrimary);
  // Creates the schema and the first owner once, before workers could race for it.
  const firstStart = await startGateway(config, { listen: false, firstStart: true });
  await firstStart.close(0);
  process.stdout.write(formatBanner(config, firstStart.created));
  await serveClusterMetrics(config);
  return superviseWorkers(config.http.workers, config.http.drainMs + CLOSING_MS);
}

async function serveInProcess(config: AppConfig, isPrimary: boolean): Promise<number> {
  const gateway = await startGateway(config, { listen: true, firstStart: isPrimary });
  // Before the output: a supervisor may stop the process as soon as it reads that it listens.
  const stopped = waitUntilStopped(gateway, config.http.drainMs);
  if (isPrimary) process.stdout.write(formatBanner(config, gateway.created));
  return stopped;
}

/** Resolves with 0 after a clean shutdown; with 1 when that failed or took too long, or after an unhandled error. */
function waitUntilStopped(gateway: RunningGateway, drainMs: number): Promise<number> {
  const log = gateway.resources.logger;
  let isStopping = false;
  return new Promise((resolve) => {
    const fail = (error: unknown, message: string): void => {
      log.pino.fatal({ err: error }, message);
      log.close();
      resolve(1);
    };
    const stop = (signal: string): void => {
      if (isStopping) return; // a second signal must not end the process in the middle of its shutdown
      isStopping = true;
      log.pino.info({ signal }, 'shutting down');
      setTimeout(() => resolve(1), drainMs + CLOSING_MS).unref();
      gateway.close(drainMs).then(
        () => resolve(0),
        (error: unknown) => fail(error, 'the shutdown failed'),
      );
    };
    process.on('SIGTERM', stop).on('SIGINT', stop);
    process.on('uncaughtException', (error) => fail(error, 'unhandled error'));
  });
}
