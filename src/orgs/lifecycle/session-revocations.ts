import { Injectable } from '@nestjs/common';
import type { Work } from '../../platform/database/unit-of-work.js';
import type { OrgId, UserId } from '../../platform/ids.js';

/** A user whose earlier sign-ins end. `disabled`: all of them; `passwordChanged`: only the browser sessions. */
export interface SessionRevocation {
  userId: UserId;
  organizationId: OrgId;
  cause: 'disabled' | 'passwordChanged';
}

type SessionRevocationListener = (work: Work, revocation: SessionRevocation) => Promise<void>;

/**
 * Lets higher modules end what a user's sign-ins created (sessions, grants), in the transaction of the change. The
 * deletion of a user is announced at `DeletionHooks` instead.
 */
@Injectable()
export class SessionRevocations {
  readonly #listeners: SessionRevocationListener[] = [];

  listen(listener: SessionRevocationListener): void {
    this.#listeners.push(listener);
  }

  async announce(work: Work, revocation: SessionRevocation): Promise<void> {
    for (const listener of this.#listeners) await listener(work, revocation);
  }
}
