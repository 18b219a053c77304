import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../../auth/methods/route-access.js';
import { IdentityProviderDirectory } from '../../idp-trust/identity-providers/identity-provider.lookup.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { BrowserBinding } from '../idp-client/browser-binding.js';
import { IdpArrival } from './idp-callback.js';
import { signInPaths } from '../idp-client/paths.js';
import { OUTCOME, PENDING } from '../idp-client/sign-in-outcome.js';
import { SealedNotes } from '../sessions/encrypted-state.store.js';

/** Receives people that identity providers redirect back. */
@ApiExcludeController()
@Public()
@Controller('auth/idp')
export class IdpCallbackController {
  constructor(
    private readonly directory: IdentityProviderDirectory,
    private readonly notes: SealedNotes,
    private readonly binding: BrowserBinding,
    private readonly arrival: IdpArrival,
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
    const pending = state === '' ? null : await this.notes.read(PENDING, state);
    const provider = pending && (await this.directory.byId(pending.identityProviderId));
    if (provider?.providerId !== providerId) throw notBegunHere();
    const way = { uid: pending!.uid, provider: providerId };
    if (!this.binding.isBound(request, way, pending!.browserDigest)) throw notBegunHere();
    if ((await this.notes.take(PENDING, state)) === null) throw notBegunHere();
    this.binding.release(reply, way);
    const outcome = await this.arrival.outcomeOf(request, provider, query, pending!);
    await this.notes.keep(OUTCOME, way.uid, outcome);
    await reply
      .headers({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
      .redirect(signInPaths(way.uid).done, 303);
  }
}

const notBegunHere = (): GatewayError =>
  new GatewayError(
    'bad_request',
    'This sign-in was not begun in this browser, was used already, or took too long. Go back to the app and start again.',
  );
