import { Injectable } from '@nestjs/common';
import type { Work } from '../../platform/database/unit-of-work.js';
import type { OrgId, UserId } from '../../platform/ids.js';

/** A user whose earlier sign-ins end. `disabled`: all of them; `passwordChanged`: only the browser sessions. */
export interface Lockout {
  userId: UserId;
  organisationId: OrgId;
  cause: 'disabled' | 'passwordChanged';
}

type LockoutListener = (work: Work, lockout: Lockout) => Promise<void>;

/**
 * Lets higher modules end what a user's sign-ins created (sessions, grants), in the transaction of the change. The
 * deletion of a user is announced at `Departures` instead.
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
