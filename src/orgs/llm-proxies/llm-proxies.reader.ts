import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { listPage } from '../../admin-api/list-page.js';
import type { Page, PageQuery } from '../../admin-api/page.js';
import { notFound } from '../../admin-api/refusals.js';
import type { Actor } from '../../auth/callers/actor.js';
import { toLlmProxyView, type LlmProxyView } from './llm-proxy-view.dto.js';
import { LlmProxyEntity } from './llm-proxy.entity.js';

/** Reads the LLM proxies of an organization. */
@Injectable()
export class LlmProxiesReader {
  constructor(private readonly dataSource: DataSource) {}

  /** Oldest first. */
  list({ caller }: Actor, query: PageQuery): Promise<Page<LlmProxyView>> {
    const { organizationId } = caller;
    const proxies = this.dataSource.manager
      .createQueryBuilder(LlmProxyEntity, 'p')
      .where({ organizationId })
      .orderBy('p.id');
    return listPage(proxies, query, { searchIn: ['p.name'], toViews: (rows) => rows.map(toLlmProxyView) });
  }

  async get(actor: Actor, id: string): Promise<LlmProxyView> {
    return toLlmProxyView(await loadLlmProxy(this.dataSource.manager, actor, id));
  }
}

/** Returns the row. Throws `not_found` when the actor's organization has none with this id. */
export async function loadLlmProxy(manager: EntityManager, { caller }: Actor, id: string): Promise<LlmProxyEntity> {
  const row = await manager.findOneBy(LlmProxyEntity, { id, organizationId: caller.organizationId });
  if (!row) throw notFound('LLM proxy', id);
  return row;
}
