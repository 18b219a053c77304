/**
 * Records tokens in the audit log: issued, refreshed, revoked, replayed, refused. Each entry is written in the
 * transaction of the event.
 */
import { Injectable } from '@nestjs/common';
import type { AdapterPayload } from 'oidc-provider';
import { Provider } from '../oidc-library/oidc-provider.js';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditLog, buildAuditEvent, type AuditActor, type AuditEvent } from '../../audit/entries/audit-log.js';
import { OAuthClientLookup } from '../../clients/authentication/oauth-client.lookup.js';
import type { OrgId } from '../../platform/ids.js';
import { getCurrentRequestContext } from '../oidc-library/request-context.js';

/** Writes a prepared entry, inside the given transaction. */
type Recorder = (manager: EntityManager) => Promise<void>;

@Injectable()
export class TokenAudit {
  constructor(
    private readonly log: AuditLog,
    private readonly clients: OAuthClientLookup,
    private readonly dataSource: DataSource,
  ) {}

  /** Returns null if no entry is due. Call it before the transaction, which must not wait for other reads. */
  async prepareIssue(id: string, model: string, payload: AdapterPayload): Promise<Recorder | null> {
    const { clientId, accountId, gty, scope, aud, exp } = payload;
    const after = { clientId, grantType: gty ?? 'client_credentials', scope, resource: aud, expiresAt: toDate(exp!) };
    if (model === 'AccessToken') {
      const verb = gty?.includes('refresh_token') ? 'refresh' : 'issue';
      return (manager) => this.#recordForUser(manager, accountId!, buildAuditEvent('oauth_token', verb, id, { after }));
    }
    if (model !== 'ClientCredentials') return null;
    const client = await this.clients.findByClientId(clientId!);
    if (!client?.organizationId) return null;
    const organizationId = client.organizationId;
    const secretId = getCurrentRequestContext()?.clientSecretId ?? null;
    const entry = buildAuditEvent('oauth_token', 'issue', id, { after });
    return (manager) => this.log.recordAs(manager, organizationId, buildActor('app', client.id, secretId), entry);
  }

  /** Records revocations at the revocation endpoint (RFC 7009). Other revocations are recorded where they happen. */
  async recordRevocation(
    manager: EntityManager,
    id: string,
    model: string,
    token: { client_id: string; user_id: string | null },
  ): Promise<void> {
    if (Provider.ctx?.oidc.route !== 'revocation') return;
    const entry = buildAuditEvent('oauth_token', 'revoke', id, { before: { kind: model, clientId: token.client_id } });
    if (token.user_id) return this.#recordForUser(manager, token.user_id, entry);
    const [client] = await manager.query<{ id: string; organization_id: OrgId | null }[]>(
      'SELECT id, organization_id FROM oauth_client WHERE client_id = $1',
      [token.client_id],
    );
    if (client?.organization_id)
      await this.log.recordAs(manager, client.organization_id, buildActor('app', client.id), entry);
  }

  /**
   * Records that a code or refresh token was presented a second time, which has revoked everything issued on its grant
   * (RFC 9700 §4.14.2).
   */
  async recordReplay(
    manager: EntityManager,
    grantId: string,
    grant: { client_id: string; user_id: string },
  ): Promise<void> {
    await this.#recordForUser(
      manager,
      grant.user_id,
      buildAuditEvent('oauth_grant', 'reuse_detected', grantId, { before: { clientId: grant.client_id } }),
    );
  }

  /** Records that a known client presented a wrong secret or an invalid assertion. */
  async recordClientRefusal(clientId: string, detail: string): Promise<void> {
    const client = await this.clients.findByClientId(clientId);
    if (!client?.organizationId) return;
    await this.log.recordAs(
      this.dataSource.manager,
      client.organizationId,
      buildActor('app', client.id),
      buildAuditEvent('oauth_client', 'authentication_failed', client.id, { after: { detail } }),
    );
  }

  async #recordForUser(manager: EntityManager, userId: string, entry: AuditEvent): Promise<void> {
    const [user] = await manager.query<{ organization_id: OrgId }[]>(
      'SELECT organization_id FROM app_user WHERE id = $1',
      [userId],
    );
    if (user) await this.log.recordAs(manager, user.organization_id, buildActor('user', userId), entry);
  }
}

const toDate = (epochSeconds: number): Date => new Date(epochSeconds * 1000);

function buildActor(actorType: 'app' | 'user', actorId: string, credentialId: string | null = null): AuditActor {
  const context = getCurrentRequestContext();
  return {
    actorType,
    actorId,
    credentialId,
    requestId: context?.requestId ?? null,
    clientAddress: context?.clientAddress ?? null,
  };
}
