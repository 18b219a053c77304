import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { SharedState } from '../platform/shared-state/shared-state.js';
import type { ReadinessView } from './health.dto.js';

/** Whether this process should be given requests: not while it drains, nor while something it needs is away. */
@Injectable()
export class Readiness {
  #draining = false;

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

  async check(): Promise<ReadinessView> {
    const [database, sharedState] = await Promise.all([
      answers(this.dataSource.query('SELECT 1')),
      answers(this.sharedState.ping()),
    ]);
    return { process: this.#draining ? 'draining' : 'ok', database, sharedState };
  }
}

const answers = (probe: Promise<unknown>): Promise<string> =>
  probe.then(
    () => 'ok',
    () => 'unreachable',
  );
