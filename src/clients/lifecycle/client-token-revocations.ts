import { Injectable } from '@nestjs/common';
import type { Work } from '../../platform/database/unit-of-work.js';
import type { OAuthClientId } from '../../platform/ids.js';

/** A client whose tokens, grants and consents must end. */
export interface ClientTokenRevocation {
  /** The client's `client_id`. */
  clientId: string;
  id: OAuthClientId;
  cause: 'deleted' | 'disabled' | 'revoked';
}

type ClientTokenRevocationListener = (work: Work, revocation: ClientTokenRevocation) => Promise<void>;

/**
 * Lets the authorization server revoke everything it issued to a client, in the transaction of the change. Caches of
 * callers learn of it by the auth event; this covers the stored rows.
 */
@Injectable()
export class ClientTokenRevocations {
  readonly #listeners: ClientTokenRevocationListener[] = [];

  listen(listener: ClientTokenRevocationListener): void {
    this.#listeners.push(listener);
  }

  /** Waits for tokens that are being written. Prevents the writing of tokens whose issuance began before. */
  async announce(work: Work, revocation: ClientTokenRevocation): Promise<void> {
    await work.manager.query('UPDATE oauth_client SET token_epoch = token_epoch + 1 WHERE id = $1', [revocation.id]);
    for (const listener of this.#listeners) await listener(work, revocation);
  }
}
