/** Explains why one of several stored keys is used and the others are not, with stable reason codes. Pure. */
import type { KeyScope } from '../credentials/member-keys.reader.js';

export const KEY_REASONS = {
  first_in_order: 'The first of the keys that the user may use, in the order of resolution.',
  mapped: 'The key that the credential is mapped to.',
  pinned_by_alias: 'The key that the model alias names.',
  later_scope: 'The organization resolves keys of another scope first.',
  later_team: 'The key of a team that the user joined earlier goes first.',
  not_primary: 'Another key is marked primary.',
  newer: 'An older key goes first.',
  scope_not_resolved: 'The organization resolves no keys of this scope.',
  team_not_chosen: 'Another team was chosen for the call.',
  mapping_suspended: 'The key belongs to a team that the owner of the credential has left.',
  alias_names_another: 'The model alias names another key.',
} as const;
export type KeyReason = keyof typeof KEY_REASONS;

/** A stored key, without anything secret. */
export interface ConsideredKey {
  id: string;
  name: string;
  provider: string;
  scope: KeyScope;
  teamId: string | null;
  isPrimary: boolean;
}

export interface KeyEvaluation extends ConsideredKey {
  isChosen: boolean;
  reason: KeyReason;
}

/** A key that a user could use, with the settings of the organization and the call that affect it. */
export interface MemberCandidate extends ConsideredKey {
  /** Whether the organization resolves keys of this scope at all. */
  isResolved: boolean;
  /** False: the key is of another team than the one chosen for the call. */
  isOfChosenTeam: boolean;
}

/** `candidates`: all of one provider, best first. */
export function evaluateForMember(candidates: readonly MemberCandidate[]): KeyEvaluation[] {
  const chosen = candidates.find((key) => key.isResolved && key.isOfChosenTeam);
  return candidates.map(({ isResolved, isOfChosenTeam, ...key }) => {
    if (!isResolved) return { ...key, isChosen: false, reason: 'scope_not_resolved' };
    if (!isOfChosenTeam) return { ...key, isChosen: false, reason: 'team_not_chosen' };
    if (key.id === chosen!.id) return { ...key, isChosen: true, reason: 'first_in_order' };
    return { ...key, isChosen: false, reason: findReasonAgainst(key, chosen!) };
  });
}

function findReasonAgainst(key: ConsideredKey, chosen: ConsideredKey): KeyReason {
  if (key.scope !== chosen.scope) return 'later_scope';
  if (key.teamId !== chosen.teamId) return 'later_team';
  return chosen.isPrimary && !key.isPrimary ? 'not_primary' : 'newer';
}

/** `mapped`: the key that is in effect for the provider, if any; a mapping may exist and be suspended. */
export function evaluateForHolder(keys: readonly ConsideredKey[], mappedKeyId: string | undefined): KeyEvaluation[] {
  return keys.map((key) => {
    const isChosen = key.id === mappedKeyId;
    return { ...key, isChosen, reason: isChosen ? 'mapped' : 'mapping_suspended' };
  });
}
