/** Sends a person to an identity provider and remembers the sign-in. */
import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { InteractionContext } from '../sessions/interactions.js';
import { BrowserBinding } from './browser-binding.js';
import { IdpClient } from './client.js';
import { PENDING_SIGN_IN } from './sign-in-outcome.js';
import { EncryptedStateStore } from '../sessions/encrypted-state.store.js';
import type { SignInProvider } from './sign-in-providers.js';

@Injectable()
export class IdpAuthorizationRequest {
  constructor(
    private readonly client: IdpClient,
    private readonly binding: BrowserBinding,
    private readonly stateStore: EncryptedStateStore,
  ) {}

  /** Returns the URL to send the person to. Gives the browser the secret that it must present on return. */
  async begin(
    reply: FastifyReply,
    { details }: InteractionContext,
    provider: SignInProvider,
    { email = null, isRemembered }: { email?: string | null; isRemembered: boolean },
  ): Promise<string> {
    const { uid } = details;
    const { url, expected } = await this.client.begin(provider, { email, isFresh: requiresFreshSignIn(details) });
    const browserDigest = this.binding.bind(reply, { uid, provider: provider.providerId });
    await this.stateStore.save(PENDING_SIGN_IN, expected.state, {
      ...expected,
      uid,
      identityProviderId: provider.id,
      isRemembered,
      browserDigest,
    });
    return url.href;
  }
}

/**
 * Whether the application requires a new authentication (OpenID Connect Core §3.1.2.1: prompt, max_age); an older
 * sign-in at the provider would not satisfy it.
 */
const requiresFreshSignIn = ({ prompt }: InteractionContext['details']): boolean =>
  prompt.reasons.includes('login_prompt') || prompt.reasons.includes('max_age');
