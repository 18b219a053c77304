import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { SharedState } from '../platform/shared-state/shared-state.js';

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

  /** Name → `ok`, or a word for what is wrong. */
  async check(): Promise<Record<string, string>> {
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
