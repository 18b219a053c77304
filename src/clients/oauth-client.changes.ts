import { Injectable } from '@nestjs/common';
import { AuditLog } from '../audit/audit-log.js';
import type { Actor } from '../auth/actor.js';
import { authTag } from '../auth/caller.js';
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

/** The end of every change of a client: it is noted and announced, and whoever keeps its tokens is told. */
@Injectable()
export class OAuthClientChanges {
  constructor(
    private readonly audit: AuditLog,
    private readonly tokens: ClientTokens,
  ) {}

  async written(work: Work, actor: Actor, { verb, before, after, effect, ending }: OAuthClientChange): Promise<void> {
    const { id, clientId } = (after ?? before)!;
    const action = `oauth_client.${verb}`;
    const fact = { action, targetType: 'oauth_client', targetId: id, before: before ?? null, after: after ?? null };
    await this.audit.record(work.manager, actor, fact);
    if (ending) await this.tokens.announce(work, { id: id as OAuthClientId, clientId, why: ending });
    // Also of a new client: that there is none by its name may be remembered somewhere.
    work.announce({ tag: authTag.oauthClient(id), effect });
  }
}
