import { Body, Controller, Delete, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentActor, type Actor } from '../../auth/callers/actor.js';
import { RequirePermission } from '../../auth/methods/route-access.js';
import { PathId } from '../../admin-api/field-rules.js';
import { ApiProblems } from '../../admin-api/api-problems.js';
import { ApiPageOf, PageQuery, type Page } from '../../admin-api/page.js';
import { CreateIdentityLinkBody, IdentityLinkView } from './identity-links.dto.js';
import { IdentityLinksReader } from './identity-links.reader.js';
import { IdentityLinksService } from './identity-links.service.js';

@ApiTags('Identity providers')
@Controller('api/identity-providers/:id/links')
export class IdentityLinksController {
  constructor(
    private readonly reader: IdentityLinksReader,
    private readonly links: IdentityLinksService,
  ) {}

  /**
   * Lists the subjects of an identity provider with the users they are linked to, newest first. `search` matches
   * subjects and addresses.
   */
  @Get()
  @RequirePermission('identity_provider:read')
  @ApiPageOf(IdentityLinkView)
  list(@CurrentActor() actor: Actor, @PathId() id: string, @Query() query: PageQuery): Promise<Page<IdentityLinkView>> {
    return this.reader.list(actor, id, query);
  }

  /** Links a subject to a user of your organization. Only owners can link an owner. */
  @Post()
  @RequirePermission('identity_provider:write')
  @ApiProblems(409)
  create(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Body() body: CreateIdentityLinkBody,
  ): Promise<IdentityLinkView> {
    return this.links.create(actor, id, body);
  }

  /**
   * Unlinks a subject. Its tokens are refused immediately, unless the provider may link it again. Memberships from its
   * groups end.
   */
  @Delete(':linkId')
  @HttpCode(204)
  @RequirePermission('identity_provider:write')
  delete(@CurrentActor() actor: Actor, @PathId() id: string, @PathId('linkId') linkId: string): Promise<void> {
    return this.links.remove(actor, id, linkId);
  }
}
