import { Injectable } from '@nestjs/common';
import { AuditLog } from '../audit/audit-log.js';
import type { Actor } from '../auth/actor.js';
import { authTag } from '../auth/caller.js';
import { WebhookOutbox } from '../outbox/webhook-outbox.js';
import type { Work } from '../platform/database/unit-of-work.js';
import type { AuthEventEffect } from '../platform/events/auth-events.js';
import type { OAuthClientId } from '../platform/ids.js';
import { ClientTokens, type EndingTokens } from './client-tokens.js';
import type { OAuthClientView } from './oauth-client-view.dto.js';

export interface OAuthClientChange {
  verb: 'create' | 'update' | 'delete' | 'rotate_secret';
  before?: OAuthClientView;
  after?: OAuthClientView;
  effect: AuthEventEffect;
  /** Set when what the client was issued ends with it. */
  ending?: EndingTokens['why'] | null;
}

/** The end of every change of a client: it is noted and announced, and whoever keeps its tokens and webhooks are told. */
@Injectable()
export class OAuthClientChanges {
  constructor(
    private readonly audit: AuditLog,
    private readonly tokens: ClientTokens,
    private readonly outbox: WebhookOutbox,
  ) {}

  async written(work: Work, actor: Actor, { verb, before, after, effect, ending }: OAuthClientChange): Promise<void> {
    const { id, clientId, name } = (after ?? before)!;
    const action = `oauth_client.${verb}`;
    const fact = { action, targetType: 'oauth_client', targetId: id, before: before ?? null, after: after ?? null };
    await this.audit.record(work.manager, actor, fact);
    if (ending) await this.tokens.announce(work, { id: id as OAuthClientId, clientId, why: ending });
    if (verb === 'delete') {
      const told = { credentialType: 'oauth_client', id, name } as const;
      await this.outbox.append(work.manager, actor.caller.organisationId, 'credential.revoked', told);
    }
    // Also of a new client: that there is none by its name may be remembered somewhere.
    work.announce({ tag: authTag.oauthClient(id), effect });
  }
}
