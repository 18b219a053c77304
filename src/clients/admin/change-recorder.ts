import { Injectable } from '@nestjs/common';
import { AuditLog, buildAuditEvent } from '../../audit/entries/audit-log.js';
import type { Actor } from '../../auth/callers/actor.js';
import { authTag } from '../../auth/callers/caller.js';
import { WebhookOutbox } from '../../outbox/webhook-outbox.js';
import type { Work } from '../../platform/database/unit-of-work.js';
import type { AuthEventEffect } from '../../platform/events/auth-events.js';
import type { OAuthClientId } from '../../platform/ids.js';
import { ClientTokenRevocations, type ClientTokenRevocation } from '../lifecycle/client-token-revocations.js';
import type { OAuthClientView } from './oauth-client-view.dto.js';

export interface OAuthClientChange {
  verb: 'create' | 'update' | 'delete' | 'rotate_secret';
  before?: OAuthClientView;
  after?: OAuthClientView;
  effect: AuthEventEffect;
  /** Set when everything issued to the client ends with the change. */
  revocationCause?: ClientTokenRevocation['cause'] | null;
}

/**
 * Finishes every change of a client: records it in the audit log, announces it, and notifies the keeper of the client's
 * tokens and, on deletion, webhooks.
 */
@Injectable()
export class OAuthClientChangeRecorder {
  constructor(
    private readonly audit: AuditLog,
    private readonly tokens: ClientTokenRevocations,
    private readonly outbox: WebhookOutbox,
  ) {}

  async record(
    work: Work,
    actor: Actor,
    { verb, before, after, effect, revocationCause }: OAuthClientChange,
  ): Promise<void> {
    const { id, clientId, name } = (after ?? before)!;
    await this.audit.record(work.manager, actor, buildAuditEvent('oauth_client', verb, id, { before, after }));
    if (revocationCause)
      await this.tokens.announce(work, { id: id as OAuthClientId, clientId, cause: revocationCause });
    if (verb === 'delete') {
      const data = { credentialType: 'oauth_client', id, name } as const;
      await this.outbox.append(work.manager, actor.caller.organizationId, 'credential.revoked', data);
    }
    // Announced for a new client too: a cache may remember that its id is unknown.
    work.announce({ tag: authTag.oauthClient(id), effect });
  }
}
