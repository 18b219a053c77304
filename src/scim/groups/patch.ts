/** Applies a PATCH to a group. Pure. */
import type { DirectoryTeam } from '../../orgs/directory-sync/directory-teams.service.js';
import { matches } from '../filter/match.js';
import { requireValue, skipUnstored, requireSimple } from '../patch/step-checks.js';
import type { PatchStep } from '../patch/step.js';
import { ScimError } from '../protocol/scim-errors.js';
import { readMemberIds } from './body.js';

export interface PatchedGroup {
  displayName?: unknown;
  /** Null: the external id is removed. */
  externalId?: unknown;
  memberIds: Set<string>;
}

/** Throws `invalidPath`, `mutability`, `noTarget`, `invalidValue`. */
export function patchGroup(team: Pick<DirectoryTeam, 'memberIds'>, steps: readonly PatchStep[]): PatchedGroup {
  const patched: PatchedGroup = { memberIds: new Set(team.memberIds) };
  for (const step of steps)
    if (step.isForeign) skipUnstored(step);
    else apply(patched, step);
  return patched;
}

function apply(patched: PatchedGroup, step: PatchStep): void {
  switch (step.attribute) {
    case 'displayname':
      requireSimple(step, 'displayName');
      requireValue(step, 'displayName');
      patched.displayName = step.value;
      return;
    case 'externalid':
      requireSimple(step, 'externalId');
      patched.externalId = step.op === 'remove' || !step.value ? null : step.value;
      return;
    case 'members':
      patched.memberIds = patchMembers(patched.memberIds, step);
      return;
    default:
      skipUnstored(step);
  }
}

function patchMembers(before: ReadonlySet<string>, step: PatchStep): Set<string> {
  const { op, filter, value } = step;
  if (filter) return removeMatching(before, step);
  if (step.part !== null) throw new ScimError('mutability', 'Members can only be added and removed as a whole.');
  if (op === 'replace') return new Set(readMemberIds(value));
  if (op === 'add') return new Set([...before, ...readMemberIds(value)]);
  // Without a value, all members are removed (RFC 7644). Entra ID lists the members to remove in the value.
  const removedIds = value === undefined ? before : new Set(readMemberIds(value));
  return new Set([...before].filter((id) => !removedIds.has(id)));
}

/** Members that are already absent are ignored, because directories repeat removals. */
function removeMatching(before: ReadonlySet<string>, { op, filter, part }: PatchStep): Set<string> {
  if (op !== 'remove' || part !== null) {
    const hasMatch = [...before].some((id) => matches(filter!, toMember(id)));
    if (!hasMatch) throw new ScimError('noTarget', 'No member matches the filter.');
    throw new ScimError('mutability', 'Members can only be added and removed as a whole.');
  }
  return new Set([...before].filter((id) => !matches(filter!, toMember(id))));
}

const toMember = (id: string) => ({ value: id, type: 'User' });
