/** Opens the resources of the program in order, and closes them in reverse order. */
import type { EntitySchema } from 'typeorm';
import { Clock } from './time/clock.js';
import type { AppConfig } from './config/app-config.js';
import { openDatabase, type EmbeddedOptions } from './database/data-source.js';
import { Egress } from './egress/egress.js';
import { PublicEgress } from './egress/public-egress.js';
import { AppLogger, type LogSink } from './logging/app-logger.js';
import type { PlatformResources } from './platform.module.js';
import { InProcessSharedState } from './shared-state/in-process.shared-state.js';
import { RedisSharedState } from './shared-state/redis.shared-state.js';
import type { SharedState } from './shared-state/shared-state.js';

export interface OpenPlatformOptions {
  entities: readonly (EntitySchema | (new () => object))[];
  clock?: Clock;
  logSink?: LogSink;
  /** See openDatabase. */
  embedded?: EmbeddedOptions;
}

export async function openPlatform(config: AppConfig, options: OpenPlatformOptions): Promise<PlatformResources> {
  const clock = options.clock ?? new Clock();
  const logger = new AppLogger(config.logLevel, options.logSink);
  const database = await openDatabase(config, options.entities, {
    embedded: options.embedded,
    onChange: (state, cause) => {
      if (state === 'available') logger.pino.info('the database is available again');
      else logger.pino.error({ err: cause }, 'the database is unavailable');
    },
  });
  const sharedState = openSharedState(config, clock, logger);
  const egress = new Egress({
    allowedHosts: config.upstream.allowedHosts,
    connectTimeoutMs: config.upstream.connectTimeoutMs,
    headersTimeoutMs: config.upstream.headersTimeoutMs,
    idleTimeoutMs: config.upstream.idleTimeoutMs,
    connectionsPerOrigin: config.upstream.connectionsPerOrigin,
  });
  const publicEgress = new PublicEgress(config.upstream);
  return { config, database, sharedState, egress, publicEgress, logger, clock };
}

export async function closePlatform(resources: PlatformResources): Promise<void> {
  await Promise.all([resources.egress.close(), resources.publicEgress.close()]);
  await resources.sharedState.close();
  await resources.database.close();
  resources.logger.close();
}

function openSharedState(config: AppConfig, clock: Clock, logger: AppLogger): SharedState {
  if (!config.redis) return new InProcessSharedState(clock);
  return new RedisSharedState({
    url: config.redis.url,
    keyPrefix: config.redis.keyPrefix,
    onChange: (connected, cause) => {
      if (connected) logger.pino.info('connected to Redis');
      else logger.pino.warn({ err: cause }, 'the connection to Redis is lost');
    },
  });
}
