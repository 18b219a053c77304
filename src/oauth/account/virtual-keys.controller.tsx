import { Controller, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CurrentActor, type Actor } from '../../auth/callers/actor.js';
import { VirtualKeyLifecycleService } from '../../keys/virtual-keys/virtual-key-lifecycle.service.js';
import type { VirtualKeyCreated } from '../../keys/virtual-keys/virtual-keys.dto.js';
import { VirtualKeysService } from '../../keys/virtual-keys/virtual-keys.service.js';
import { PathId } from '../../admin-api/field-rules.js';
import { Clock } from '../../platform/time/clock.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { PAGE_ROUTES } from '../protocol/paths.js';
import { NewSecretPage } from '../pages/account/new-secret.page.js';
import { CurrentForm, type PageForm } from '../pages/http/form.js';
import { sendPage } from '../pages/http/send-page.js';
import { AccountRoutes } from './account.guard.js';
import { AccountResponses } from './page/responses.js';
import { OwnKeys } from './keys/own-keys.js';
import { readVirtualKeyForm, toVirtualKeyBody } from './keys/virtual-key-form.js';
import { describeVirtualKeyUse } from './keys/virtual-key-note.js';

/**
 * Handles a person's own virtual keys. A value is shown in the response to the form, at a URL that shows nothing on a
 * later GET.
 */
@AccountRoutes()
@Controller('account/virtual-keys')
export class AccountVirtualKeysController {
  constructor(
    private readonly responses: AccountResponses,
    private readonly own: OwnKeys,
    private readonly keys: VirtualKeysService,
    private readonly lifecycle: VirtualKeyLifecycleService,
    private readonly clock: Clock,
    private readonly config: AppConfig,
  ) {}

  @Post()
  async create(@CurrentActor() actor: Actor, @Res() reply: FastifyReply, @CurrentForm() form: PageForm): Promise<void> {
    const typed = readVirtualKeyForm(form);
    const attempt = async (): Promise<void> => {
      const body = await toVirtualKeyBody(typed, await this.own.listUsable(actor), this.clock.now());
      await this.#show(reply, 'Your new virtual key', await this.keys.create(actor, body));
    };
    await this.responses.attempt(reply, actor, attempt, (error) => ({ newVirtualKey: { error, typed } }));
  }

  @Post(':id/rotate')
  async rotate(@CurrentActor() actor: Actor, @Res() reply: FastifyReply, @PathId() id: string): Promise<void> {
    await this.responses.attempt(reply, actor, async () => {
      await this.own.checkVirtualKey(actor, id);
      await this.#show(reply, 'The new value of your key', await this.lifecycle.rotate(actor, id, 0));
    });
  }

  @Post(':id/delete')
  async delete(@CurrentActor() actor: Actor, @Res() reply: FastifyReply, @PathId() id: string): Promise<void> {
    await this.responses.attempt(reply, actor, async () => {
      await this.own.checkVirtualKey(actor, id);
      await this.lifecycle.remove(actor, id);
      await this.responses.redirectToPage(reply, 'virtual-key-deleted');
    });
  }

  async #show(reply: FastifyReply, title: string, key: VirtualKeyCreated): Promise<void> {
    const note = describeVirtualKeyUse(key, this.config.http.publicUrl);
    const page = <NewSecretPage title={title} value={key.value} backUrl={PAGE_ROUTES.account} note={note} />;
    await sendPage(reply, page);
  }
}
