import { Controller, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CurrentActor, type Actor } from '../../auth/callers/actor.js';
import { getUserId } from '../../auth/callers/caller.js';
import { PathId } from '../../admin-api/field-rules.js';
import { ConsentStore } from '../consent/consent.store.js';
import { AccountRoutes } from './account.guard.js';
import { AccountResponses } from './page/responses.js';
import { AllowedAppsReader } from './page/allowed-apps.reader.js';

/** Handles the apps that a person has allowed. */
@AccountRoutes()
@Controller('account/apps')
export class AccountAppsController {
  constructor(
    private readonly responses: AccountResponses,
    private readonly apps: AllowedAppsReader,
    private readonly consents: ConsentStore,
  ) {}

  @Post(':id/revoke')
  async revoke(@CurrentActor() actor: Actor, @Res() reply: FastifyReply, @PathId() id: string): Promise<void> {
    const { caller, ...context } = actor;
    const userId = getUserId(caller)!;
    const clientId = await this.apps.findClientId(userId, id);
    await this.consents.revoke(
      { user: { id: userId, organizationId: caller.organizationId }, context: context },
      clientId,
    );
    await this.responses.redirectToPage(reply, 'app-revoked');
  }
}
