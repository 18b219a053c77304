/**
 * Rules about whether a stored provider key may serve a holder (a virtual key, an application). Pure. The common
 * principle: a mapping must not give a key to people who could not use it themselves.
 */
import type { KeyActor } from '../ownership/key-actor.reader.js';

/** The users that the holder serves. */
export interface MappingHolder {
  scope: string;
  ownerId: string | null;
  teamIds: readonly string[];
  /** The teams of the owner; used for personal holders only. */
  ownerTeamIds: readonly string[];
}

export interface MappableKey {
  id: string;
  provider: string;
  scope: string;
  ownerId: string | null;
  teamId: string | null;
}

/**
 * Returns null if it may, otherwise the reason, as a sentence for the caller. `key` is undefined for an id that the
 * organization does not have.
 */
export function findMappingRefusal(
  actor: KeyActor,
  holder: MappingHolder,
  provider: string,
  key: MappableKey | undefined,
): string | null {
  if (!key || !mayUse(actor, key)) return 'You may not use a provider key with this id.';
  if (key.provider !== provider) return `This key is for ${key.provider}, not for ${provider}.`;
  if (key.scope === 'personal') {
    return holder.scope === 'personal' && holder.ownerId === key.ownerId
      ? null
      : "A personal provider key can only be mapped into a personal key or client of the same owner. Use a team's or the organization's.";
  }
  if (key.scope === 'team') {
    const holderTeamIds =
      holder.scope === 'personal' ? holder.ownerTeamIds : holder.scope === 'team' ? holder.teamIds : [];
    return holderTeamIds.includes(key.teamId!)
      ? null
      : "A team's provider key can only be mapped into keys and clients of that team or of its members.";
  }
  return null;
}

/** Own personal keys, those of own teams (of every team with `team_key:write`), and the organization's. */
function mayUse(actor: KeyActor, key: MappableKey): boolean {
  if (key.scope === 'personal') return key.ownerId === actor.userId;
  if (key.scope === 'team') return actor.teams.has(key.teamId!) || actor.permissions.has('team_key:write');
  return true;
}
