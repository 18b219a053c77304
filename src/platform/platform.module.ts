/**
 * Owns the infrastructure without domain concepts: configuration, database, events, shared state, sealed secrets,
 * egress.
 */
import { Global, Module, type DynamicModule } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from './time/clock.js';
import { AppConfig } from './config/app-config.js';
import { SealedBox } from './crypto/sealed-box.js';
import type { OpenedDatabase } from './database/data-source.js';
import { UnitOfWork } from './database/unit-of-work.js';
import { Egress } from './egress/egress.js';
import { PublicEgress } from './egress/public-egress.js';
import { AuthEvents, BUS_MODE, type BusMode } from './events/auth-events.js';
import { AppLogger } from './logging/app-logger.js';
import { SharedState } from './shared-state/shared-state.js';

/** Resources that are opened before Nest starts, and closed after it has stopped. */
export interface PlatformResources {
  config: AppConfig;
  database: OpenedDatabase;
  sharedState: SharedState;
  egress: Egress;
  publicEgress: PublicEgress;
  logger: AppLogger;
  clock: Clock;
}

@Global()
@Module({})
export class PlatformModule {
  static forRoot(resources: PlatformResources): DynamicModule {
    const { config, database, sharedState, egress, publicEgress, logger, clock } = resources;
    const mode: BusMode = database.pglite ? 'in-process' : 'shared';
    const providers = [
      { provide: AppConfig, useValue: config },
      { provide: DataSource, useValue: database.dataSource },
      { provide: SharedState, useValue: sharedState },
      { provide: Egress, useValue: egress },
      { provide: PublicEgress, useValue: publicEgress },
      { provide: AppLogger, useValue: logger },
      { provide: Clock, useValue: clock },
      { provide: BUS_MODE, useValue: mode },
      { provide: SealedBox, useFactory: () => new SealedBox(config.encryptionKeys) },
      AuthEvents,
      UnitOfWork,
    ];
    return { module: PlatformModule, providers, exports: providers };
  }
}
