/** Takes back sessions, grants and tokens of users and clients that lose their place, in the transaction of that change. */
import { Injectable } from '@nestjs/common';
import { authTag } from '../auth/caller.js';
import { ClientTokens, type EndingTokens } from '../clients/client-tokens.js';
import { Lockouts, type Lockout } from '../orgs/lockouts.js';
import type { Work } from '../platform/database/unit-of-work.js';
import { Consents } from './consent/consents.js';
import { GrantStore } from './storage/grant-store.js';

@Injectable()
export class OAuthDepartures {
  constructor(
    lockouts: Lockouts,
    clientTokens: ClientTokens,
    private readonly grants: GrantStore,
    private readonly consents: Consents,
  ) {
    lockouts.listen((work, lockout) => this.#ofUser(work, lockout));
    clientTokens.listen((work, ending) => this.#ofClient(work, ending));
  }

  /** Of a user who is deleted the database takes everything along, and the event about the user ends who is cached. */
  async #ofUser(work: Work, { userId, cause }: Lockout): Promise<void> {
    await endSessions(work, userId);
    // Whoever sets a new password may have lost the old one to somebody, who must not stay signed in; apps hold no password.
    if (cause !== 'passwordChanged') await this.grants.endOfUser(work, userId);
  }

  async #ofClient(work: Work, { clientId, why }: EndingTokens): Promise<void> {
    await this.grants.endOfClient(work, clientId);
    await work.manager.query('DELETE FROM oauth_artifact WHERE client_id = $1', [clientId]);
    if (why === 'deleted') await this.consents.forgetClient(work, clientId);
  }
}

/** A sign-in that is not finished yet is the beginning of one. */
async function endSessions(work: Work, userId: string): Promise<void> {
  const sessions = await work.manager.query<{ id: string }[]>(
    `WITH gone AS (DELETE FROM oauth_artifact
                    WHERE model IN ('Session', 'Interaction') AND user_id = $1 RETURNING id, model)
     SELECT id FROM gone WHERE model = 'Session'`,
    [userId],
  );
  for (const { id } of sessions) work.announce({ tag: authTag.browserSession(id), effect: 'revoked' });
}
