import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../../auth/methods/route-access.js';
import { IdentityProviderLookup } from '../../idp-trust/identity-providers/identity-provider.lookup.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { BrowserBinding } from '../idp-client/browser-binding.js';
import { IdpCallback } from './idp-callback.js';
import { buildSignInPaths } from '../idp-client/paths.js';
import { SIGN_IN_OUTCOME, PENDING_SIGN_IN } from '../idp-client/sign-in-outcome.js';
import { EncryptedStateStore } from '../sessions/encrypted-state.store.js';

/** Receives people that identity providers redirect back. */
@ApiExcludeController()
@Public()
@Controller('auth/idp')
export class IdpCallbackController {
  constructor(
    private readonly directory: IdentityProviderLookup,
    private readonly stateStore: EncryptedStateStore,
    private readonly binding: BrowserBinding,
    private readonly callback: IdpCallback,
  ) {}

  /**
   * A response counts once, in the browser that sent the request, at the provider that received it (RFC 9700 §4.4). One
   * that does not match consumes nothing: the right one may still arrive.
   */
  @Get(':providerId/callback')
  async land(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('providerId') providerId: string,
  ): Promise<void> {
    const query = new URL(request.raw.url!, 'http://unused').searchParams;
    const state = query.getAll('state').length === 1 ? query.get('state')! : '';
    const pending = state === '' ? null : await this.stateStore.read(PENDING_SIGN_IN, state);
    const provider = pending && (await this.directory.findById(pending.identityProviderId));
    if (provider?.providerId !== providerId) throw createStateError();
    const signIn = { uid: pending!.uid, provider: providerId };
    if (!this.binding.isBound(request, signIn, pending!.browserDigest)) throw createStateError();
    if ((await this.stateStore.take(PENDING_SIGN_IN, state)) === null) throw createStateError();
    this.binding.release(reply, signIn);
    const outcome = await this.callback.resolveOutcome(request, provider, query, pending!);
    await this.stateStore.save(SIGN_IN_OUTCOME, signIn.uid, outcome);
    await reply
      .headers({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
      .redirect(buildSignInPaths(signIn.uid).done, 303);
  }
}

const createStateError = (): GatewayError =>
  new GatewayError(
    'bad_request',
    'This sign-in was not started in this browser, was used already, or took too long. Go back to the app and start again.',
  );
