import { Body, Controller, Delete, Get, Header, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentActor, type Actor } from '../../auth/callers/actor.js';
import { RequirePermission, SignedIn } from '../../auth/methods/route-access.js';
import { PathId } from '../../admin-api/field-rules.js';
import { ApiProblems } from '../../admin-api/api-problems.js';
import { ApiPageOf, type Page } from '../../admin-api/page.js';
import { OAuthClientRotationService } from './oauth-client-rotation.service.js';
import { OAuthClientCreated, OAuthClientView } from './oauth-client-view.dto.js';
import {
  CreateOAuthClientBody,
  ListOAuthClientsQuery,
  RotateOAuthClientSecretBody,
  UpdateOAuthClientBody,
} from './oauth-clients.dto.js';
import { OAuthClientsReader } from './oauth-clients.reader.js';
import { OAuthClientsService } from './oauth-clients.service.js';

@ApiTags('OAuth clients')
@Controller('api/llm-oauth-clients')
export class OAuthClientsController {
  constructor(
    private readonly reader: OAuthClientsReader,
    private readonly clients: OAuthClientsService,
    private readonly rotation: OAuthClientRotationService,
  ) {}

  /**
   * Lists the OAuth clients that you may see: your own, your teams', the organization's. Newest first; `search` also
   * finds client ids.
   */
  @Get()
  @SignedIn()
  @ApiPageOf(OAuthClientView)
  list(@CurrentActor() actor: Actor, @Query() query: ListOAuthClientsQuery): Promise<Page<OAuthClientView>> {
    return this.reader.list(actor, query);
  }

  /** Shows an OAuth client, without its secrets. */
  @Get(':id')
  @SignedIn()
  get(@CurrentActor() actor: Actor, @PathId() id: string): Promise<OAuthClientView> {
    return this.reader.get(actor, id);
  }

  /** Registers an OAuth client. Its `clientSecret` is shown only in this response. */
  @Post()
  @RequirePermission('oauth_client:write')
  @Header('Cache-Control', 'no-store')
  create(@CurrentActor() actor: Actor, @Body() body: CreateOAuthClientBody): Promise<OAuthClientCreated> {
    return this.clients.create(actor, body);
  }

  /**
   * Changes an OAuth client. Omitted fields stay as they are. Takes effect immediately. When the name or the redirect
   * URIs change, people are asked for consent again. A client that is changed to authenticate with a secret gets one by
   * rotation.
   */
  @Patch(':id')
  @RequirePermission('oauth_client:write')
  update(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Body() body: UpdateOAuthClientBody,
  ): Promise<OAuthClientView> {
    return this.clients.update(actor, id, body);
  }

  /** Deletes an OAuth client with everything that was issued to it. To keep it for the records, disable it instead. */
  @Delete(':id')
  @HttpCode(204)
  @RequirePermission('oauth_client:write')
  delete(@CurrentActor() actor: Actor, @PathId() id: string): Promise<void> {
    return this.clients.remove(actor, id);
  }

  /**
   * Gives an OAuth client a new secret, which is shown only in this response. The previous secret stays valid for the
   * overlap. An older one ends immediately, so that there are never more than two.
   */
  @Post(':id/rotate-secret')
  @HttpCode(200)
  @RequirePermission('oauth_client:write')
  @ApiProblems(409)
  @Header('Cache-Control', 'no-store')
  rotateOAuthClientSecret(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Body() body: RotateOAuthClientSecretBody,
  ): Promise<OAuthClientCreated> {
    return this.rotation.rotate(actor, id, body);
  }
}
