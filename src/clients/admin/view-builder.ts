import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { KeyBindings } from '../../keys/key-bindings/key-binding.store.js';
import { toOAuthClientView, type OAuthClientView } from './oauth-client-view.dto.js';
import type { OAuthClientEntity } from '../storage/oauth-client.entity.js';
import { OAuthClientSecrets } from '../storage/oauth-client-secret.store.js';

/** Builds the admin API's view of clients: the row, its mappings, its live secrets. */
@Injectable()
export class OAuthClientViews {
  constructor(
    private readonly bindings: KeyBindings,
    private readonly secrets: OAuthClientSecrets,
  ) {}

  async of(manager: EntityManager, rows: readonly OAuthClientEntity[]): Promise<OAuthClientView[]> {
    const ids = rows.map((row) => row.id);
    const bound = await this.bindings.of(manager, 'oauth-client', ids);
    const secrets = await this.secrets.live(manager, ids);
    return rows.map((row) => toOAuthClientView(row, bound.get(row.id) ?? [], secrets.get(row.id) ?? []));
  }

  async one(manager: EntityManager, row: OAuthClientEntity): Promise<OAuthClientView> {
    const [view] = await this.of(manager, [row]);
    return view!;
  }
}
