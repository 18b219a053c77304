/** Validates an alias that an admin sends: its name, its providers, and keys that may be shared. */
import { validationError } from '../../admin-api/refusals.js';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { KeyActor } from '../../keys/ownership/key-actor.reader.js';
import type { FieldError } from '../../platform/errors/gateway-error.js';
import type { ProviderKeyId } from '../../platform/ids.js';
import type { AliasTarget } from './alias.js';
import type { ModelAliasTargetBody } from './model-aliases.dto.js';
import { parseQualifiedModel } from './qualified-model.js';

interface PinnableKey {
  id: string;
  provider: string;
  scope: string;
  teamId: string | null;
}

@Injectable()
export class ModelAliasValidator {
  /** Throws `validation_failed` for a name that would hide the model of a provider. */
  checkName(name: string): void {
    const qualified = parseQualifiedModel(name);
    if (!qualified) return;
    const detail = `This would be read as the model ${qualified.model} of ${qualified.provider.displayName}. Choose a name that does not begin with a provider's.`;
    throw validationError({ pointer: '/name', detail });
  }

  /**
   * Returns the targets as they are stored, lowest priority first. Throws `validation_failed`, naming each invalid
   * target.
   */
  async checkTargets(
    manager: EntityManager,
    actor: KeyActor,
    bodies: readonly ModelAliasTargetBody[],
  ): Promise<AliasTarget[]> {
    const keys = await loadPinnableKeys(manager, actor, bodies);
    const faults: FieldError[] = [];
    const targets = bodies.flatMap((body, i) => {
      const target = toTarget(body, i);
      const fault = target ? findTargetFault(target, keys) : UNKNOWN_PROVIDER;
      if (fault !== null) faults.push({ pointer: `/targets/${i}/${fault.field}`, detail: fault.detail });
      return target ? [target] : [];
    });
    if (faults.length > 0) throw validationError(...faults);
    return targets.sort((a, b) => a.priority - b.priority);
  }
}

interface TargetFault {
  field: 'model' | 'providerApiKeyId';
  detail: string;
}

const UNKNOWN_PROVIDER: TargetFault = {
  field: 'model',
  detail: 'This does not begin with the name of a provider. Write provider:model, such as openai:gpt-5.4.',
};

function toTarget({ model, weight, priority, providerApiKeyId }: ModelAliasTargetBody, index: number) {
  const qualified = model.includes(':') ? parseQualifiedModel(model) : null;
  if (!qualified || model[qualified.provider.id.length] !== ':') return null;
  return {
    provider: qualified.provider.id,
    model: qualified.model,
    weight: weight ?? 1,
    priority: priority ?? index,
    providerApiKeyId: (providerApiKeyId ?? null) as ProviderKeyId | null,
  };
}

function findTargetFault(
  { provider, providerApiKeyId }: AliasTarget,
  keys: ReadonlyMap<string, PinnableKey>,
): TargetFault | null {
  if (providerApiKeyId === null) return null;
  const key = keys.get(providerApiKeyId);
  if (!key) return { field: 'providerApiKeyId', detail: 'No provider key with this id can be shared.' };
  if (key.provider === provider) return null;
  return { field: 'providerApiKeyId', detail: `This key is for ${key.provider}, not for ${provider}.` };
}

/**
 * Returns the keys of the organization, and of teams that the actor is in or manages. Personal keys are never included,
 * not even the actor's own.
 */
async function loadPinnableKeys(
  manager: EntityManager,
  actor: KeyActor,
  bodies: readonly ModelAliasTargetBody[],
): Promise<Map<string, PinnableKey>> {
  const ids = bodies.flatMap(({ providerApiKeyId }) => providerApiKeyId ?? []);
  if (ids.length === 0) return new Map();
  const rows = await manager.query<PinnableKey[]>(
    `SELECT id, provider, scope, team_id AS "teamId" FROM provider_key
      WHERE organization_id = $1 AND id = ANY ($2::uuid[]) AND scope IN ('org', 'team')`,
    [actor.organizationId, ids],
  );
  const allowedKeys = rows.filter(
    ({ scope, teamId }) => scope === 'org' || actor.teams.has(teamId!) || actor.permissions.has('team_key:write'),
  );
  return new Map(allowedKeys.map((key) => [key.id, key]));
}
