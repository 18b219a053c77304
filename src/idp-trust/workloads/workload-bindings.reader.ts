import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { listPage } from '../../admin-api/list-page.js';
import type { Page, PageQuery } from '../../admin-api/page.js';
import type { Actor } from '../../auth/callers/actor.js';
import { loadIdentityProvider } from '../identity-providers/identity-providers.reader.js';
import { WorkloadBindingEntity } from './workload-binding.entity.js';
import { toWorkloadBindingView, type WorkloadBindingView } from './workload-bindings.dto.js';

/** Reads the bindings of an identity provider's workloads to applications. */
@Injectable()
export class WorkloadBindingsReader {
  constructor(private readonly dataSource: DataSource) {}

  /** Newest first. */
  async list(actor: Actor, identityProviderId: string, query: PageQuery): Promise<Page<WorkloadBindingView>> {
    const { manager } = this.dataSource;
    await loadIdentityProvider(manager, actor, identityProviderId);
    const bindings = manager
      .createQueryBuilder(WorkloadBindingEntity, 'b')
      .where({ identityProviderId })
      .orderBy('b.id', 'DESC');
    return listPage(bindings, query, {
      searchIn: ['b.subjectPattern'],
      toViews: (rows) => rows.map(toWorkloadBindingView),
    });
  }
}
