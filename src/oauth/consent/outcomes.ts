/** Final redirects of authorizations, for browsers that send a consent form a second time. */
import { Injectable } from '@nestjs/common';
import type { Context, Next } from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { AppLogger } from '../../platform/logging/app-logger.js';
import { EncryptedStateStore, type StateKind } from '../sessions/encrypted-state.store.js';

/**
 * Keyed by the interaction's uid. Kept long enough for a double click, and shorter than the grace of a code
 * (artifact.store.ts): an app that receives its code again after that would redeem it as a replay.
 */
const CONSENT_OUTCOME: StateKind<string> = { name: 'consent outcome', ttlMs: 4_000 };

@Injectable()
export class ConsentOutcomes {
  constructor(
    private readonly stateStore: EncryptedStateStore,
    private readonly logger: AppLogger,
  ) {}

  /** Returns the URL that the browser was sent to. Null: the interaction has not ended, or ended too long ago. */
  find(uid: string): Promise<string | null> {
    return this.stateStore.read(CONSENT_OUTCOME, uid);
  }

  /** For `provider.use`: records where an authorization has ended. */
  readonly middleware = async (ctx: Context, next: Next): Promise<void> => {
    await next();
    const { route, entities } = (ctx as KoaContextWithOIDC).oidc ?? {};
    const location = ctx.response.get('location');
    const interaction = entities?.Interaction;
    if (route !== 'resume' || !location || interaction?.prompt.name !== 'consent') return;
    // A further question is a separate interaction.
    if (!ctx.path.endsWith(`/${interaction.uid}`)) return;
    await this.stateStore.save(CONSENT_OUTCOME, interaction.uid, location).catch((error: unknown) => {
      this.logger.pino.warn({ err: error }, 'the outcome of a consent could not be recorded');
    });
  };
}
