import { Injectable } from '@nestjs/common';
import type { Work } from '../platform/database/unit-of-work.js';
import type { OAuthClientId } from '../platform/ids.js';

/** A client whose tokens, grants and consents are to end. */
export interface EndingTokens {
  /** What the client calls itself. */
  clientId: string;
  id: OAuthClientId;
  why: 'deleted' | 'disabled' | 'revoked';
}

type EndingListener = (work: Work, ending: EndingTokens) => Promise<void>;

/**
 * Lets the authorization server take back what it issued to a client, in the transaction of the change. Whoever caches
 * callers learns of it by the auth event; this is for what is stored.
 */
@Injectable()
export class ClientTokens {
  readonly #listeners: EndingListener[] = [];

  listen(listener: EndingListener): void {
    this.#listeners.push(listener);
  }

  /** Waits for tokens that are being written, and keeps those away that began to be issued before. */
  async announce(work: Work, ending: EndingTokens): Promise<void> {
    await work.manager.query('UPDATE oauth_client SET token_epoch = token_epoch + 1 WHERE id = $1', [ending.id]);
    for (const listener of this.#listeners) await listener(work, ending);
  }
}
