import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { migrationNames } from '../platform/database/migrations.js';
import { assertCompatible, IncompatibleSchema } from '../platform/database/schema-compatibility.js';
import { SharedState } from '../platform/shared-state/shared-state.js';
import type { ReadinessView } from './health.dto.js';

/** Whether this process should be given requests: not while it drains, nor while something it needs is away. */
@Injectable()
export class Readiness {
  #draining = false;
  #spool: () => Promise<string> = () => Promise.resolve('ok');
  readonly #knownMigrations = migrationNames();

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

  /** The spool belongs to a module of a higher rank, which says how it is checked. Must be cheap: probes come often. */
  checkSpoolBy(check: () => Promise<string>): void {
    this.#spool = check;
  }

  async check(): Promise<ReadinessView> {
    const [database, sharedState, spool] = await Promise.all([
      stateOf(assertCompatible(this.dataSource, this.#knownMigrations)),
      stateOf(this.sharedState.ping()),
      this.#spool(),
    ]);
    return { process: this.#draining ? 'draining' : 'ok', database, sharedState, spool };
  }
}

/** A later program can change the schema under this one while it runs. */
const stateOf = (probe: Promise<unknown>): Promise<string> =>
  probe.then(
    () => 'ok',
    (error: unknown) => (error instanceof IncompatibleSchema ? 'incompatible' : 'unreachable'),
  );
