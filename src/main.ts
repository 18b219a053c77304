/** Starts one process, or WORKERS of them. The only file that exits. */
import cluster from 'node:cluster';
import { banner } from './banner.js';
import { ENTITIES } from './app.module.js';
import { runFirstStart } from './first-start.js';
import { createHttpApp } from './http-app.js';
import { ConfigError, loadConfig, type AppConfig } from './platform/config/app-config.js';
import { DataDirInUse } from './platform/database/data-dir-lock.js';
import { closePlatform, openPlatform } from './platform/open-platform.js';
import { serveClusterMetrics } from './telemetry/cluster-metrics.js';
import { superviseWorkers } from './workers.js';

/** Time beyond DRAIN_SECONDS for writing records and closing connections before the process goes regardless. */
const CLOSING_MS = 10_000;

async function main(): Promise<void> {
  const config = loadConfig(process.env);
  if (config.http.workers > 1 && cluster.isPrimary) {
    // The schema and the first owner are made once, before there is anybody to race for it.
    const resources = await openPlatform(config, { entities: ENTITIES });
    const app = await createHttpApp(resources);
    const created = await runFirstStart(app.nest);
    await app.shutDown(0);
    await closePlatform(resources);
    process.stdout.write(banner(config, created));
    await serveClusterMetrics(config);
    superviseWorkers(config.http.workers, config.http.drainMs + CLOSING_MS);
    return;
  }
  await serve(config);
}

async function serve(config: AppConfig): Promise<void> {
  const resources = await openPlatform(config, { entities: ENTITIES });
  const app = await createHttpApp(resources);
  const created = cluster.isPrimary ? await runFirstStart(app.nest) : null;
  await app.nest.listen(config.http.port, config.http.host);
  if (cluster.isPrimary) process.stdout.write(banner(config, created));

  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) return;
    stopping = true;
    resources.logger.pino.info({ signal }, 'shutting down');
    setTimeout(() => process.exit(1), config.http.drainMs + CLOSING_MS).unref();
    app
      .shutDown(config.http.drainMs)
      .then(() => closePlatform(resources))
      .then(
        () => process.exit(0),
        (error: unknown) => {
          resources.logger.pino.fatal({ err: error }, 'the shutdown failed');
          resources.logger.close();
          process.exit(1);
        },
      );
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  process.on('uncaughtException', (error) => {
    resources.logger.pino.fatal({ err: error }, 'an error that nobody handled');
    resources.logger.close();
    process.exit(1);
  });
}

main().catch((error: unknown) => {
  const known = error instanceof ConfigError || error instanceof DataDirInUse;
  process.stderr.write(`${known ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
