/** The stored key that a holder (a virtual key or an OAuth client) uses for each provider. */
import { Injectable } from '@nestjs/common';
import { In, type EntityManager } from 'typeorm';
import { validationError } from '../../admin-api/refusals.js';
import type { FieldError } from '../../platform/errors/gateway-error.js';
import type { OwnedKey } from '../ownership/key-access.policy.js';
import type { KeyActor } from '../ownership/key-actor.reader.js';
import { KeyBindingEntity } from './key-binding.entity.js';
import { findMappingRefusal, type MappableKey } from './key-mapping.policy.js';
import { ProviderKeyEntity } from '../credentials/provider-key.entity.js';

export type HolderType = 'virtual-key' | 'oauth-client';

export interface KeyHolder {
  type: HolderType;
  id: string;
}

export interface KeyBinding {
  provider: string;
  providerApiKeyId: string;
}

/** The mappings of a body. Absent and null both mean none. */
export const toBindings = (mappings: readonly KeyBinding[] | null | undefined): KeyBinding[] =>
  (mappings ?? []).map(({ provider, providerApiKeyId }) => ({ provider, providerApiKeyId }));

@Injectable()
export class KeyBindingStore {
  /** Returns the bindings per holder, by provider name. A holder without bindings has no entry. */
  async listByHolder(
    manager: EntityManager,
    type: HolderType,
    holderIds: readonly string[],
  ): Promise<Map<string, KeyBinding[]>> {
    const found = new Map<string, KeyBinding[]>();
    if (holderIds.length === 0) return found;
    const rows = await manager.find(KeyBindingEntity, {
      where: { holderType: type, holderId: In([...holderIds]) },
      order: { provider: 'ASC' },
    });
    for (const { holderId, provider, providerKeyId } of rows) {
      const bindings = found.get(holderId) ?? [];
      bindings.push({ provider, providerApiKeyId: providerKeyId });
      found.set(holderId, bindings);
    }
    return found;
  }

  /** Throws `validation_failed`, naming each entry of `providerApiKeys` that is not allowed. */
  async check(
    manager: EntityManager,
    actor: KeyActor,
    holder: OwnedKey,
    bindings: readonly KeyBinding[],
  ): Promise<void> {
    if (bindings.length === 0) return;
    const ownerTeamIds = holder.scope === 'personal' ? await findTeamIds(manager, holder.ownerId!) : [];
    const holderWithTeams = { ...holder, ownerTeamIds };
    const keys = await this.#findKeys(manager, actor, bindings);
    const fields: FieldError[] = [];
    bindings.forEach(({ provider, providerApiKeyId }, i) => {
      if (bindings.findIndex((other) => other.provider === provider) < i) {
        fields.push({
          pointer: `/providerApiKeys/${i}/provider`,
          detail: `A key for ${provider} is already mapped. Map one per provider.`,
        });
        return;
      }
      const refusal = findMappingRefusal(actor, holderWithTeams, provider, keys.get(providerApiKeyId));
      if (refusal !== null) fields.push({ pointer: `/providerApiKeys/${i}/providerApiKeyId`, detail: refusal });
    });
    if (fields.length > 0) throw validationError(...fields);
  }

  async replace(manager: EntityManager, holder: KeyHolder, bindings: readonly KeyBinding[]): Promise<void> {
    await this.clear(manager, holder);
    if (bindings.length === 0) return;
    await manager.insert(
      KeyBindingEntity,
      bindings.map(({ provider, providerApiKeyId }) => ({
        holderType: holder.type,
        holderId: holder.id,
        provider,
        providerKeyId: providerApiKeyId,
      })),
    );
  }

  async clear(manager: EntityManager, { type, id }: KeyHolder): Promise<void> {
    await manager.delete(KeyBindingEntity, { holderType: type, holderId: id });
  }

  async #findKeys(
    manager: EntityManager,
    actor: KeyActor,
    bindings: readonly KeyBinding[],
  ): Promise<Map<string, MappableKey>> {
    const ids = bindings.map((binding) => binding.providerApiKeyId);
    const rows = await manager.find(ProviderKeyEntity, {
      select: { id: true, provider: true, scope: true, ownerId: true, teamId: true },
      where: { id: In(ids), organizationId: actor.organizationId },
      // Prevents the deletion of a checked key before it is mapped.
      lock: { mode: 'for_key_share' },
    });
    return new Map(rows.map((row) => [row.id, row]));
  }
}

async function findTeamIds(manager: EntityManager, userId: string): Promise<string[]> {
  const rows = await manager.query<{ team_id: string }[]>('SELECT team_id FROM team_member WHERE user_id = $1', [
    userId,
  ]);
  return rows.map((row) => row.team_id);
}
