import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PROTOCOL_ROUTES } from '../../protocol/paths.js';
import { CurrentOidcProvider } from '../../oidc-library/current-oidc-provider.js';
import { throwInteractionEnded, type InteractionContext } from '../../sessions/interactions.js';

/** Lets a person who is signed in as the wrong user start again as a different one. */
@Injectable()
export class UserSwitch {
  constructor(private readonly oidc: CurrentOidcProvider) {}

  /**
   * Ends the browser's session and repeats the authorization request that led here. A device authorization restarts at
   * its code page.
   */
  async begin(
    request: FastifyRequest,
    reply: FastifyReply,
    { details, redirectUri }: InteractionContext,
  ): Promise<void> {
    const { provider } = this.oidc;
    const session = await provider.Session.get(provider.createContext(request.raw, reply.raw));
    await details.destroy().catch(throwInteractionEnded);
    await session.destroy();
    const parameters = Object.entries(details.params).flatMap(([name, value]) =>
      [value].flat().flatMap((each) => (typeof each === 'string' ? [[name, each]] : [])),
    );
    const target =
      redirectUri === null
        ? PROTOCOL_ROUTES.code_verification
        : `${PROTOCOL_ROUTES.authorization}?${new URLSearchParams(parameters).toString()}`;
    await reply.redirect(target, 303);
  }
}
