import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { listMigrationNames } from '../platform/database/schema/migrations.js';
import { assertCompatible, IncompatibleSchema } from '../platform/database/schema/compatibility.js';
import { SharedState } from '../platform/shared-state/shared-state.js';
import type { ReadinessView } from './health.dto.js';

/** Whether this process should receive requests: not while it drains, or while a dependency is unavailable. */
@Injectable()
export class Readiness {
  #draining = false;
  #spool: () => Promise<string> = () => Promise.resolve('ok');
  readonly #knownMigrations = listMigrationNames();

  constructor(
    private readonly dataSource: DataSource,
    private readonly sharedState: SharedState,
  ) {}

  get isDraining(): boolean {
    return this.#draining;
  }

  drain(): void {
    this.#draining = true;
  }

  /**
   * Registers the check of the spool, which belongs to a module of a higher rank. Must be cheap: probes are frequent.
   */
  registerSpoolCheck(check: () => Promise<string>): void {
    this.#spool = check;
  }

  async check(): Promise<ReadinessView> {
    const [database, sharedState, spool] = await Promise.all([
      getState(assertCompatible(this.dataSource, this.#knownMigrations)),
      getState(this.sharedState.ping()),
      this.#spool(),
    ]);
    return { process: this.#draining ? 'draining' : 'ok', database, sharedState, spool };
  }
}

/** Returns the state of a dependency. A later version can change the schema while this process runs. */
const getState = (probe: Promise<unknown>): Promise<string> =>
  probe.then(
    () => 'ok',
    (error: unknown) => (error instanceof IncompatibleSchema ? 'incompatible' : 'unreachable'),
  );
