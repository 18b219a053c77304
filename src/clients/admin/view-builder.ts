import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { KeyBindingStore } from '../../keys/key-bindings/key-binding.store.js';
import { toOAuthClientView, type OAuthClientView } from './oauth-client-view.dto.js';
import type { OAuthClientEntity } from '../storage/oauth-client.entity.js';
import { OAuthClientSecretStore } from '../storage/oauth-client-secret.store.js';

/** Builds the admin API's view of clients: the row, its mappings, its live secrets. */
@Injectable()
export class OAuthClientViewBuilder {
  constructor(
    private readonly bindings: KeyBindingStore,
    private readonly secrets: OAuthClientSecretStore,
  ) {}

  async buildMany(manager: EntityManager, rows: readonly OAuthClientEntity[]): Promise<OAuthClientView[]> {
    const ids = rows.map((row) => row.id);
    const bindingsByHolder = await this.bindings.listByHolder(manager, 'oauth-client', ids);
    const secrets = await this.secrets.listLive(manager, ids);
    return rows.map((row) => toOAuthClientView(row, bindingsByHolder.get(row.id) ?? [], secrets.get(row.id) ?? []));
  }

  async build(manager: EntityManager, row: OAuthClientEntity): Promise<OAuthClientView> {
    const [view] = await this.buildMany(manager, [row]);
    return view!;
  }
}
