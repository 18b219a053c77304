import { Controller, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CurrentActor, type Actor } from '../../auth/callers/actor.js';
import { CreateProviderKeyBody, RotateProviderKeyBody } from '../../keys/provider-keys/provider-keys.dto.js';
import { ProviderKeysService } from '../../keys/provider-keys/provider-keys.service.js';
import { PathId } from '../../admin-api/field-rules.js';
import { checkBody } from '../../admin-api/body-validation.js';
import { CurrentForm, type PageForm } from '../pages/http/form.js';
import { AccountRoutes } from './account.guard.js';
import { AccountResponses } from './page/responses.js';
import { OwnKeys } from './keys/own-keys.js';

/**
 * Handles a person's own provider keys. A typed key is never shown again. It is trimmed, because keys hold no white
 * space.
 */
@AccountRoutes()
@Controller('account/provider-keys')
export class AccountProviderKeysController {
  constructor(
    private readonly responses: AccountResponses,
    private readonly own: OwnKeys,
    private readonly keys: ProviderKeysService,
  ) {}

  @Post()
  async add(@CurrentActor() actor: Actor, @Res() reply: FastifyReply, @CurrentForm() form: PageForm): Promise<void> {
    const typed = { name: form.getText('name'), provider: form.getText('provider'), baseUrl: form.getText('baseUrl') };
    const attempt = async (): Promise<void> => {
      const { baseUrl, ...rest } = typed;
      const fields = { ...rest, apiKey: form.getText('apiKey'), ...(baseUrl === '' ? {} : { baseUrl }) };
      const body = await checkBody(CreateProviderKeyBody, { ...fields, scope: 'personal' });
      await this.keys.create(actor, body);
      await this.responses.redirectToPage(reply, 'key-added');
    };
    await this.responses.attempt(reply, actor, attempt, (error) => ({ newProviderKey: { error, typed } }));
  }

  @Post(':id/replace')
  async replace(
    @CurrentActor() actor: Actor,
    @Res() reply: FastifyReply,
    @PathId() id: string,
    @CurrentForm() form: PageForm,
  ): Promise<void> {
    await this.responses.attempt(reply, actor, async () => {
      await this.own.checkProviderKey(actor, id);
      await this.keys.rotate(actor, id, await checkBody(RotateProviderKeyBody, { apiKey: form.getText('apiKey') }));
      await this.responses.redirectToPage(reply, 'key-replaced');
    });
  }

  @Post(':id/delete')
  async delete(@CurrentActor() actor: Actor, @Res() reply: FastifyReply, @PathId() id: string): Promise<void> {
    await this.responses.attempt(reply, actor, async () => {
      await this.own.checkProviderKey(actor, id);
      await this.keys.remove(actor, id);
      await this.responses.redirectToPage(reply, 'key-deleted');
    });
  }
}
