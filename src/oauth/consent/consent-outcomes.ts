/** Where authorizations ended, for browsers that send a consent form a second time. */
import { Injectable } from '@nestjs/common';
import type { Context, Next } from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { AppLogger } from '../../platform/logging/app-logger.js';
import { SealedNotes, type NoteKind } from '../idp-sign-in/sealed-notes.js';

/**
 * By the interaction's uid. Kept for a double click, and for less than the grace of a code (artifact-store.ts): an app that
 * receives its code later once more would redeem it as a replay.
 */
const OUTCOME: NoteKind<string> = { name: 'consent outcome', ttlMs: 4_000 };

@Injectable()
export class ConsentOutcomes {
  constructor(
    private readonly notes: SealedNotes,
    private readonly logger: AppLogger,
  ) {}

  /** The address that the browser was sent to. Null: the interaction has not ended, or not just now. */
  of(uid: string): Promise<string | null> {
    return this.notes.read(OUTCOME, uid);
  }

  /** For `provider.use`: notes where an authorization has ended. */
  readonly middleware = async (ctx: Context, next: Next): Promise<void> => {
    await next();
    const { route, entities } = (ctx as KoaContextWithOIDC).oidc ?? {};
    const location = ctx.response.get('location');
    const interaction = entities?.Interaction;
    if (route !== 'resume' || !location || interaction?.prompt.name !== 'consent') return;
    // The next question is an interaction of its own.
    if (!ctx.path.endsWith(`/${interaction.uid}`)) return;
    await this.notes.keep(OUTCOME, interaction.uid, location).catch((error: unknown) => {
      this.logger.pino.warn({ err: error }, 'the outcome of a consent could not be noted');
    });
  };
}
