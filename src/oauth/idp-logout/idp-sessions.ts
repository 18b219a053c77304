/** Records which browser sessions came through which identity provider, so that the provider can end them. */
import { Injectable } from '@nestjs/common';
import type { Context, Next } from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { DataSource } from 'typeorm';
import { AuditLog, buildAuditEvent, type AuditActor } from '../../audit/entries/audit-log.js';
import { authTag } from '../../auth/callers/caller.js';
import type { IdentityProvider } from '../../idp-trust/trusted-issuer/identity-provider.js';
import { computeTokenDigest } from '../../platform/crypto/token-digest.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { ArtifactStore } from '../storage/artifacts/artifact.store.js';
import type { LogoutNotice } from './logout-tokens.js';
import type { IdpSessionLink } from '../idp-client/sign-in-outcome.js';

/** Inserts nothing if the provider was deleted in the meantime. */
const NOTE = `
  INSERT INTO idp_session (session_uid_digest, identity_provider_id, user_id, subject, provider_session, expires_at)
  SELECT $1, id, $3, $4, $5, $6 FROM identity_provider WHERE id = $2
  ON CONFLICT (session_uid_digest) DO UPDATE SET identity_provider_id = EXCLUDED.identity_provider_id,
         user_id = EXCLUDED.user_id, subject = EXCLUDED.subject, provider_session = EXCLUDED.provider_session,
         expires_at = EXCLUDED.expires_at`;

/**
 * Ends the sessions that belong to the named session at the provider. Ends all of the person if none is named (OpenID
 * Connect Back-Channel Logout 1.0 §2.4), or if the provider never named the session.
 */
const END = `
  WITH meant AS (DELETE FROM idp_session
                  WHERE identity_provider_id = $1 AND ($2::text IS NULL OR subject = $2)
                    AND ($3::text IS NULL OR provider_session = $3 OR (provider_session IS NULL AND $2 IS NOT NULL))
               RETURNING session_uid_digest),
       gone AS (DELETE FROM oauth_artifact a USING meant
                 WHERE a.model = 'Session' AND a.uid_digest = meant.session_uid_digest RETURNING a.id, a.user_id)
  SELECT id, user_id AS "userId" FROM gone`;

@Injectable()
export class IdpSessions {
  constructor(
    private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly artifacts: ArtifactStore,
    private readonly audit: AuditLog,
  ) {}

  /** For the library, around the request that begins a session: after `next()`, the session is stored. */
  readonly middleware = async (ctx: Context, next: Next): Promise<void> => {
    await next();
    const { oidc } = ctx as KoaContextWithOIDC;
    const login = oidc?.result?.login as { accountId: string; through?: IdpSessionLink } | undefined;
    if (!login?.through || !oidc.session?.exp) return;
    const { identityProviderId, subject, providerSession } = login.through;
    await this.dataSource.query(NOTE, [
      computeTokenDigest(oidc.session.uid),
      identityProviderId,
      login.accountId,
      subject,
      providerSession,
      new Date(oidc.session.exp * 1000),
    ]);
  };

  /**
   * Signs browsers out on the provider's request. Returns false when the same request came before. Tokens of
   * applications stay.
   */
  end(
    provider: IdentityProvider,
    { jti, expiresAt, subject, providerSession }: LogoutNotice,
    requestContext: Pick<AuditActor, 'requestId' | 'clientAddress'>,
  ): Promise<boolean> {
    return this.unitOfWork.run(async (work) => {
      const { manager } = work;
      if (!(await this.artifacts.claim('ReplayDetection', `${provider.id} ${jti}`, expiresAt, manager))) return false;
      const endedSessions = await manager.query<{ id: string; userId: string }[]>(END, [
        provider.id,
        subject,
        providerSession,
      ]);
      const actor = { actorType: 'identity_provider', actorId: null, credentialId: null, ...requestContext };
      for (const { id, userId } of endedSessions) {
        work.announce({ tag: authTag.browserSession(id), effect: 'revoked' });
        await this.audit.recordAs(
          manager,
          provider.organizationId,
          actor,
          buildAuditEvent('browser_session', 'end', id, { before: { userId, identityProviderId: provider.id } }),
        );
      }
      return true;
    });
  }
}
