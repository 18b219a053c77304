import { Injectable } from '@nestjs/common';
import type { Work } from '../platform/database/unit-of-work.js';
import type { OrgId, UserId } from '../platform/ids.js';

/** A user whom earlier sign-ins are not to serve any more: nothing of theirs is, or only the browsers are to ask again. */
export interface Lockout {
  userId: UserId;
  organisationId: OrgId;
  cause: 'disabled' | 'passwordChanged';
}

type LockoutListener = (work: Work, lockout: Lockout) => Promise<void>;

/**
 * Lets higher rooms end what a user's sign-ins left behind (sessions, grants), in the transaction of the change. A user
 * who is deleted is announced at `Departures` instead.
 */
@Injectable()
export class Lockouts {
  readonly #listeners: LockoutListener[] = [];

  listen(listener: LockoutListener): void {
    this.#listeners.push(listener);
  }

  async announce(work: Work, lockout: Lockout): Promise<void> {
    for (const listener of this.#listeners) await listener(work, lockout);
  }
}
