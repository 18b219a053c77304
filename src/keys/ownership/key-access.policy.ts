/**
 * Rules about who may see, manage and remove a stored key (provider key or virtual key). Pure. A user who may not see a
 * key gets `not_found`; a user who may see but not manage it gets the name of the missing permission.
 */
import { GatewayError } from '../../platform/errors/gateway-error.js';
import type { KeyActor } from './key-actor.reader.js';

/** The fields of a key that the rules depend on. A provider key of a team has exactly that team. */
export interface OwnedKey {
  scope: string;
  ownerId: string | null;
  teamIds: readonly string[];
}

export function maySee(actor: KeyActor, key: OwnedKey): boolean {
  if (key.ownerId === actor.userId || actor.permissions.has('any_key:write')) return true;
  if (key.scope === 'team') {
    return actor.permissions.has('team_key:write') || key.teamIds.some((id) => actor.teams.has(id));
  }
  return key.scope === 'org';
}

/** Throws `permission_denied` unless the actor may create, change, rotate or test such a key. */
export function checkMayManage(actor: KeyActor, key: OwnedKey): void {
  const refusal = findManagementRefusal(actor, key);
  if (refusal !== null) throw new GatewayError('permission_denied', refusal);
}

/** Throws unless the actor may revoke or delete the key: by managing it, or for personal keys with `any_key:write`. */
export function checkMayRemove(actor: KeyActor, key: OwnedKey): void {
  if (key.scope === 'personal' && actor.permissions.has('any_key:write')) return;
  checkMayManage(actor, key);
}

function findManagementRefusal(actor: KeyActor, key: OwnedKey): string | null {
  switch (key.scope) {
    case 'personal':
      if (key.ownerId !== actor.userId)
        return 'Only the owner of a personal key may use or change it. With any_key:write it can be deleted.';
      return actor.permissions.has('own_key:write') ? null : 'Your role lacks the permission own_key:write.';
    case 'team':
      if (actor.permissions.has('team_key:write')) return null;
      if (key.teamIds.length > 0 && key.teamIds.every((id) => actor.teams.get(id) === 'admin')) return null;
      return "To manage a team's keys you need the permission team_key:write, or to be an admin of that team.";
    default:
      return actor.permissions.has('org_key:write')
        ? null
        : "To manage the organization's keys you need the permission org_key:write.";
  }
}
