import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuthEvents, type NewAuthEvent } from '../events/auth-events.js';

/** One transaction: its manager, the auth events that it appends, and the effects that follow its commit. */
export interface Work {
  /** The only database access that is allowed inside the transaction. */
  readonly manager: EntityManager;
  /** Invalidates the cache entries with the tag of the event, in every process. */
  announce(event: NewAuthEvent): void;
  /** Runs after the commit, never after a rollback. The only place for effects outside the database. */
  afterCommit(effect: () => void): void;
}

@Injectable()
export class UnitOfWork {
  constructor(
    private readonly dataSource: DataSource,
    private readonly events: AuthEvents,
  ) {}

  /**
   * Runs `job` in a transaction. Announced events are appended in that same transaction and applied in this process
   * before the promise resolves, so that the next request here already sees the change.
   */
  async run<T>(job: (work: Work) => Promise<T>): Promise<T> {
    const announced: NewAuthEvent[] = [];
    const effects: (() => void)[] = [];
    let appended: Awaited<ReturnType<AuthEvents['append']>> = [];
    const result = await this.dataSource.transaction(async (manager) => {
      const value = await job({
        manager,
        announce: (event) => void announced.push(event),
        afterCommit: (effect) => void effects.push(effect),
      });
      if (announced.length > 0) appended = await this.events.append(manager, announced);
      return value;
    });
    for (const event of appended) this.events.apply(event);
    for (const effect of effects) effect();
    return result;
  }
}
