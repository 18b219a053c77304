import { Injectable } from '@nestjs/common';
import type { Work } from '../../platform/database/unit-of-work.js';

/** A user or team that is about to be deleted. */
export type DeletedOwner = { type: 'user' | 'team'; id: string; organizationId: string };

type DeletionListener = (work: Work, owner: DeletedOwner) => Promise<void>;

/**
 * Notifies higher modules of a deletion, so that they remove what the user or team owns. Runs in the transaction of the
 * deletion, before the database cascades: a cascade invalidates no cache, so a module that caches owned rows must
 * announce their removal here.
 */
@Injectable()
export class DeletionHooks {
  readonly #listeners: DeletionListener[] = [];

  listen(listener: DeletionListener): void {
    this.#listeners.push(listener);
  }

  async announce(work: Work, owner: DeletedOwner): Promise<void> {
    for (const listener of this.#listeners) await listener(work, owner);
  }
}
