import { Body, Controller, Delete, Get, Header, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentActor, type Actor } from '../../auth/callers/actor.js';
import { RequirePermission } from '../../auth/methods/route-access.js';
import { ApiProblems } from '../../admin-api/api-problems.js';
import type { ProxyId } from '../../platform/ids.js';
import { ApiPageOf, PageQuery, type Page } from '../../admin-api/page.js';
import { PathId } from '../../admin-api/field-rules.js';
import { CreateLlmProxyBody, UpdateLlmProxyBody } from './llm-proxies.dto.js';
import { LlmProxyCreated, LlmProxyView } from './llm-proxy-view.dto.js';
import { LlmProxiesReader } from './llm-proxies.reader.js';
import { LlmProxiesService } from './llm-proxies.service.js';

@ApiTags('LLM proxies')
@Controller('api/llm-proxies')
export class LlmProxiesController {
  constructor(
    private readonly reader: LlmProxiesReader,
    private readonly proxies: LlmProxiesService,
  ) {}

  /** Lists the LLM proxies of your organization, oldest first. */
  @Get()
  @RequirePermission('llm_proxy:read')
  @ApiPageOf(LlmProxyView)
  list(@CurrentActor() actor: Actor, @Query() query: PageQuery): Promise<Page<LlmProxyView>> {
    return this.reader.list(actor, query);
  }

  /**
   * Creates an LLM proxy. Its id is part of the base URL that its users are given. With a webhook guardrail, its
   * `guardrailSecret` is shown in this response and never again.
   */
  @Post()
  @RequirePermission('llm_proxy:write')
  @ApiProblems(409)
  @Header('Cache-Control', 'no-store')
  create(@CurrentActor() actor: Actor, @Body() body: CreateLlmProxyBody): Promise<LlmProxyCreated> {
    return this.proxies.create(actor, body);
  }

  /** Shows an LLM proxy. */
  @Get(':id')
  @RequirePermission('llm_proxy:read')
  get(@CurrentActor() actor: Actor, @PathId() id: ProxyId): Promise<LlmProxyView> {
    return this.reader.get(actor, id);
  }

  /**
   * Changes an LLM proxy. Absent fields are unchanged. Callers who lose access are cut off immediately. If the change
   * adds a webhook guardrail, its `guardrailSecret` is shown in this response and never again.
   */
  @Patch(':id')
  @RequirePermission('llm_proxy:write')
  @ApiProblems(409)
  @Header('Cache-Control', 'no-store')
  update(
    @CurrentActor() actor: Actor,
    @PathId() id: ProxyId,
    @Body() body: UpdateLlmProxyBody,
  ): Promise<LlmProxyCreated> {
    return this.proxies.update(actor, id, body);
  }

  /**
   * Gives the webhook guardrail of an LLM proxy a new `guardrailSecret`, used from its next request on. It is shown in
   * this response and never again.
   */
  @Post(':id/rotate-guardrail-secret')
  @HttpCode(200)
  @RequirePermission('llm_proxy:write')
  @ApiProblems(409)
  @Header('Cache-Control', 'no-store')
  rotateGuardrailSecret(@CurrentActor() actor: Actor, @PathId() id: ProxyId): Promise<LlmProxyCreated> {
    return this.proxies.rotateGuardrailSecret(actor, id);
  }

  /** Deletes an LLM proxy and cuts its open streams. The default one cannot be deleted. */
  @Delete(':id')
  @HttpCode(204)
  @RequirePermission('llm_proxy:write')
  @ApiProblems(409)
  delete(@CurrentActor() actor: Actor, @PathId() id: ProxyId): Promise<void> {
    return this.proxies.delete(actor, id);
  }
}
