import { Injectable } from '@nestjs/common';
import type { Work } from '../platform/database/unit-of-work.js';

/** A user or team that is about to be deleted. */
export type Departing = { type: 'user' | 'team'; id: string; organisationId: string };

type DepartureListener = (work: Work, departing: Departing) => Promise<void>;

/**
 * Lets higher rooms take back what a user or team holds, in the transaction of the deletion and before the database
 * cascades: a cascade tells no cache, so whoever caches what is owned must announce it here.
 */
@Injectable()
export class Departures {
  readonly #listeners: DepartureListener[] = [];

  listen(listener: DepartureListener): void {
    this.#listeners.push(listener);
  }

  async announce(work: Work, departing: Departing): Promise<void> {
    for (const listener of this.#listeners) await listener(work, departing);
  }
}
