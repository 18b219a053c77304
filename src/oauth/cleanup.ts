/** Revokes sessions, grants and tokens of users and clients that lose access, in the transaction of that change. */
import { Injectable } from '@nestjs/common';
import { authTag } from '../auth/callers/caller.js';
import { ClientTokenRevocations, type ClientTokenRevocation } from '../clients/lifecycle/client-token-revocations.js';
import { EnforcedSignIn, type Enforcement } from '../idp-trust/changes/enforced-sign-in.js';
import { SessionRevocations, type SessionRevocation } from '../orgs/lifecycle/session-revocations.js';
import type { Work } from '../platform/database/unit-of-work.js';
import { ConsentStore } from './consent/consent.store.js';
import { GrantStore } from './storage/grant.store.js';

@Injectable()
export class OAuthCleanup {
  constructor(
    sessionRevocations: SessionRevocations,
    clientTokens: ClientTokenRevocations,
    enforcedSignIn: EnforcedSignIn,
    private readonly grants: GrantStore,
    private readonly consents: ConsentStore,
  ) {
    sessionRevocations.listen((work, revocation) => this.#revokeForUser(work, revocation));
    clientTokens.listen((work, revocation) => this.#revokeForClient(work, revocation));
    enforcedSignIn.listen(endPasswordSessions);
  }

  /**
   * Ends the sessions and grants of a user. For a deleted user, the database cascades to the rows, and the event about
   * the user ends cached callers.
   */
  async #revokeForUser(work: Work, { userId, cause }: SessionRevocation): Promise<void> {
    await endSessions(work, userId);
    // A person who sets a new password may have leaked the old one; anyone signed in with it must not stay signed in.
    // Apps hold no password, so their grants stay.
    if (cause !== 'passwordChanged') await this.grants.endByUser(work, userId);
  }

  async #revokeForClient(work: Work, { clientId, cause }: ClientTokenRevocation): Promise<void> {
    await this.grants.endByClient(work, clientId);
    await work.manager.query('DELETE FROM oauth_artifact WHERE client_id = $1', [clientId]);
    if (cause === 'deleted') await this.consents.forgetClient(work, clientId);
  }
}

/** Ends the sessions of users who may no longer use their password. Sessions that came through a provider stay. */
async function endPasswordSessions(work: Work, { organizationId, domains }: Enforcement): Promise<void> {
  const sessions = await work.manager.query<{ id: string }[]>(
    `WITH gone AS (DELETE FROM oauth_artifact a USING app_user u
                    WHERE a.model IN ('Session', 'Interaction') AND u.id = a.user_id
                      AND u.organization_id = $1 AND u.role <> 'owner'
                      AND substring(u.email FROM '[^@]*$') = ANY ($2::text[])
                      AND NOT EXISTS (SELECT 1 FROM idp_session s WHERE s.session_uid_digest = a.uid_digest)
                   RETURNING a.id, a.model)
     SELECT id FROM gone WHERE model = 'Session'`,
    [organizationId, domains],
  );
  for (const { id } of sessions) work.announce({ tag: authTag.browserSession(id), effect: 'revoked' });
}

/** Ends sessions, and also unfinished sign-ins, which would become sessions. */
async function endSessions(work: Work, userId: string): Promise<void> {
  const sessions = await work.manager.query<{ id: string }[]>(
    `WITH gone AS (DELETE FROM oauth_artifact
                    WHERE model IN ('Session', 'Interaction') AND user_id = $1 RETURNING id, model)
     SELECT id FROM gone WHERE model = 'Session'`,
    [userId],
  );
  for (const { id } of sessions) work.announce({ tag: authTag.browserSession(id), effect: 'revoked' });
}
