import { Controller, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CurrentActor, type Actor } from '../../auth/callers/actor.js';
import { userOf } from '../../auth/callers/caller.js';
import { PathId } from '../../admin-api/field-rules.js';
import { Consents } from '../consent/consent.store.js';
import { AccountRoutes } from './account.guard.js';
import { AccountReplies } from './page/responses.js';
import { AllowedAppsReader } from './page/allowed-apps.reader.js';

/** Handles the apps that a person has allowed. */
@AccountRoutes()
@Controller('account/apps')
export class AccountAppsController {
  constructor(
    private readonly replies: AccountReplies,
    private readonly apps: AllowedAppsReader,
    private readonly consents: Consents,
  ) {}

  @Post(':id/revoke')
  async revoke(@CurrentActor() actor: Actor, @Res() reply: FastifyReply, @PathId() id: string): Promise<void> {
    const { caller, ...facts } = actor;
    const userId = userOf(caller)!;
    const clientId = await this.apps.clientOf(userId, id);
    await this.consents.revoke({ user: { id: userId, organisationId: caller.organisationId }, facts }, clientId);
    await this.replies.done(reply, 'app-revoked');
  }
}
