/** Sends a person to an identity provider, and remembers on what way. */
import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Stop } from '../sign-in/interaction.js';
import { BrowserBinding } from './browser-binding.js';
import { IdpClient } from './idp-client.js';
import { PENDING } from './outcome.js';
import { SealedNotes } from './sealed-notes.js';
import type { SignInProvider } from './sign-in-providers.js';

@Injectable()
export class IdpDeparture {
  constructor(
    private readonly client: IdpClient,
    private readonly binding: BrowserBinding,
    private readonly notes: SealedNotes,
  ) {}

  /** Where to; gives the browser what it must show when it comes back. */
  async begin(
    reply: FastifyReply,
    { details }: Stop,
    provider: SignInProvider,
    { email = null, isRemembered }: { email?: string | null; isRemembered: boolean },
  ): Promise<string> {
    const { uid } = details;
    const { url, expected } = await this.client.begin(provider, { email, isFresh: wantsFresh(details) });
    const browserDigest = this.binding.bind(reply, { uid, provider: provider.providerId });
    await this.notes.keep(PENDING, expected.state, {
      ...expected,
      uid,
      identityProviderId: provider.id,
      isRemembered,
      browserDigest,
    });
    return url.href;
  }
}

/** The application asked for it (OpenID Connect Core §3.1.2.1: prompt, max_age); a sign-in of yesterday there would not do. */
const wantsFresh = ({ prompt }: Stop['details']): boolean =>
  prompt.reasons.includes('login_prompt') || prompt.reasons.includes('max_age');
