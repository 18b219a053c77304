import { Body, Controller, Delete, Get, Header, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentActor, type Actor } from '../../auth/callers/actor.js';
import { RequirePermission } from '../../auth/methods/route-access.js';
import { PathId } from '../../admin-api/field-rules.js';
import { ApiProblems } from '../../admin-api/api-problems.js';
import type { IdentityProviderId } from '../../platform/ids.js';
import { ApiPageOf, PageQuery, type Page } from '../../admin-api/page.js';
import { IdentityProviderHealthView, toHealthView } from './identity-provider-health.dto.js';
import { IdentityProviderView } from '../settings/identity-provider-view.dto.js';
import { CreateIdentityProviderBody, UpdateIdentityProviderBody } from '../settings/identity-providers.dto.js';
import { IdentityProvidersReader } from '../identity-providers/identity-providers.reader.js';
import { IdentityProvidersService } from '../identity-providers/identity-providers.service.js';
import { KeySets } from '../jwks/key-sets.js';
import { TestTokenBody, TokenTestView } from './token-test.dto.js';
import { TokenTester } from './token-tester.js';

@ApiTags('Identity providers')
@Controller('api/identity-providers')
export class IdentityProvidersController {
  constructor(
    private readonly reader: IdentityProvidersReader,
    private readonly providers: IdentityProvidersService,
    private readonly tester: TokenTester,
    private readonly keySets: KeySets,
  ) {}

  /** Lists the identity providers that your organization trusts, oldest first. */
  @Get()
  @RequirePermission('identity_provider:read')
  @ApiPageOf(IdentityProviderView)
  list(@CurrentActor() actor: Actor, @Query() query: PageQuery): Promise<Page<IdentityProviderView>> {
    return this.reader.list(actor, query);
  }

  /** Shows an identity provider, without its client secret. */
  @Get(':id')
  @RequirePermission('identity_provider:read')
  get(@CurrentActor() actor: Actor, @PathId() id: string): Promise<IdentityProviderView> {
    return this.reader.get(actor, id);
  }

  /**
   * Trusts an identity provider. Its tokens are accepted at the LLM proxies that it is linked to. Without `jwksUrl` its
   * discovery document is read once. Refused if another organization could accept the same token.
   */
  @Post()
  @RequirePermission('identity_provider:write')
  @ApiProblems(409)
  create(@CurrentActor() actor: Actor, @Body() body: CreateIdentityProviderBody): Promise<IdentityProviderView> {
    return this.providers.create(actor, body);
  }

  /**
   * Changes an identity provider. Absent fields stay; `jwksUrl` null reads the discovery document again. Takes effect
   * immediately. Only an owner can change a provider that an owner is linked to.
   */
  @Patch(':id')
  @RequirePermission('identity_provider:write')
  @ApiProblems(409)
  update(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Body() body: UpdateIdentityProviderBody,
  ): Promise<IdentityProviderView> {
    return this.providers.update(actor, id, body);
  }

  /**
   * Removes the trust in an identity provider. It is unlinked from every LLM proxy; its links and the memberships from
   * its groups are removed.
   */
  @Delete(':id')
  @HttpCode(204)
  @RequirePermission('identity_provider:write')
  delete(@CurrentActor() actor: Actor, @PathId() id: string): Promise<void> {
    return this.providers.remove(actor, id);
  }

  /**
   * Tries out a token. Returns the outcome of each check, and the user, teams and role that would follow. Nothing is
   * changed.
   */
  @Post(':id/test-token')
  @HttpCode(200)
  @RequirePermission('identity_provider:write')
  @Header('Cache-Control', 'no-store')
  testIdentityToken(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Body() body: TestTokenBody,
  ): Promise<TokenTestView> {
    return this.tester.test(actor, id, body.token);
  }

  /** Shows the state of an identity provider's keys. They are fetched with the first token. */
  @Get(':id/health')
  @RequirePermission('identity_provider:read')
  async getIdentityProviderHealth(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
  ): Promise<IdentityProviderHealthView> {
    const { jwksUrl } = await this.reader.get(actor, id);
    return toHealthView(await this.keySets.getHealth({ id: id as IdentityProviderId, jwksUrl }));
  }
}
