import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { listPage } from '../../admin-api/list-page.js';
import type { Page, PageQuery } from '../../admin-api/page.js';
import type { Actor } from '../../auth/callers/actor.js';
import { loadIdentityProvider } from '../identity-providers/identity-providers.reader.js';
import { IdentityLinkEntity } from './identity-link.entity.js';
import { toIdentityLinkRecord, type IdentityLinkView } from './identity-links.dto.js';

type Row = IdentityLinkEntity & { user: { email: string } };

/** Reads the links between the subjects of an identity provider and users. */
@Injectable()
export class IdentityLinksReader {
  constructor(private readonly dataSource: DataSource) {}

  /** Newest first. */
  async list(actor: Actor, providerId: string, query: PageQuery): Promise<Page<IdentityLinkView>> {
    const { manager } = this.dataSource;
    await loadIdentityProvider(manager, actor, providerId);
    const links = manager
      .createQueryBuilder<Row>(IdentityLinkEntity as new () => Row, 'l')
      .innerJoinAndMapOne('l.user', 'app_user', 'u', 'u.id = l.userId')
      .where({ identityProviderId: providerId })
      .orderBy('l.id', 'DESC');
    return listPage(links, query, {
      searchIn: ['l.subject', 'u.email'],
      toViews: (rows) => rows.map(({ user, ...row }) => ({ ...toIdentityLinkRecord(row), email: user.email })),
    });
  }
}
