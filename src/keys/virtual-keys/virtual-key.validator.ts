/**
 * Validates the parts of a virtual key: type, owner, teams, LLM proxies, expiry. All inside the caller's organization.
 */
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { denied, validationError } from '../../admin-api/refusals.js';
import { Clock } from '../../platform/time/clock.js';
import { checkTeamCount, requireReferences } from '../ownership/reference-checks.js';
import { checkMayManage } from '../ownership/key-access.policy.js';
import type { KeyActor } from '../ownership/key-actor.reader.js';
import type { KeyBinding } from '../key-bindings/key-binding.store.js';
import type { VirtualKeyEntity } from './virtual-key.entity.js';
import type { CreateVirtualKeyBody } from './virtual-keys.dto.js';

type Holder = Pick<VirtualKeyEntity, 'keyType' | 'scope' | 'ownerId' | 'teamIds'>;

@Injectable()
export class VirtualKeyValidator {
  constructor(private readonly clock: Clock) {}

  /** Returns type, scope, owner and teams of a new key, which must fit together. */
  toHolder(actor: KeyActor, body: CreateVirtualKeyBody): Holder {
    const keyType = body.keyType ?? 'standard';
    const scope = body.scope ?? 'personal';
    const ownerId = body.ownerId === undefined ? actor.userId : body.ownerId;
    const teamIds = body.teamIds ?? [];
    this.checkMappings({ keyType }, body.providerApiKeys ?? []);
    if (ownerId === null && (scope === 'personal' || keyType === 'passthrough')) {
      throw validationError({ pointer: '/ownerId', detail: 'A personal key and a passthrough key need an owner.' });
    }
    checkTeamCount('key', scope, teamIds);
    return { keyType, scope, ownerId, teamIds };
  }

  /**
   * Checks that a standard key maps to at least one provider key, and a passthrough key to none. Throws
   * `validation_failed`.
   */
  checkMappings({ keyType }: Pick<Holder, 'keyType'>, bindings: readonly KeyBinding[]): void {
    if (keyType === 'standard' ? bindings.length > 0 : bindings.length === 0) return;
    if (keyType === 'standard') {
      throw validationError({
        pointer: '/providerApiKeys',
        detail:
          'A standard key maps to at least one provider key: name one as {provider, providerApiKeyId}. To end the key, revoke it; for callers with provider keys of their own, create a passthrough key.',
      });
    }
    throw validationError({
      pointer: '/providerApiKeys',
      detail: 'A passthrough key maps to no provider keys: its caller brings one. Leave them out.',
    });
  }

  /**
   * Throws `validation_failed` for a team or user of another organization, `permission_denied` when the actor may not
   * create such a key.
   */
  async checkHolder(manager: EntityManager, actor: KeyActor, holder: Holder): Promise<void> {
    await requireReferences(manager, 'team', actor, holder.teamIds, '/teamIds', 'FOR KEY SHARE');
    if (holder.ownerId !== null && holder.ownerId !== actor.userId) {
      await requireReferences(manager, 'app_user', actor, [holder.ownerId], '/ownerId', 'FOR KEY SHARE');
      if (!actor.permissions.has('any_key:write'))
        throw denied('To create a key for another user you need the permission any_key:write.');
      if (holder.scope === 'personal') return;
    }
    checkMayManage(actor, holder);
  }

  async checkProxies(manager: EntityManager, actor: KeyActor, proxyIds: readonly string[]): Promise<void> {
    await requireReferences(manager, 'llm_proxy', actor, proxyIds, '/allowedProxyIds', '');
  }

  /** Returns the instant to store. Throws `validation_failed` for one in the past. */
  toExpiry(value: string | null | undefined): Date | null {
    if (value === null || value === undefined) return null;
    const at = new Date(value);
    if (at.getTime() > this.clock.now()) return at;
    throw validationError({
      pointer: '/expiresAt',
      detail: 'The key would have expired already. Send an instant in the future.',
    });
  }
}
