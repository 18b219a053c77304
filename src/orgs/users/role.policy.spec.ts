import type { Caller } from '../../auth/callers/caller.js';
import { ROLE_PERMISSIONS, ROLES, type Role } from '../../auth/callers/permissions.js';
import { toBuiltInRole, isLowered, requireAuthorityOver, requireMayGrant } from './role.policy.js';

// From most to least, as ROLES lists them.
const rank = (role: Role): number => ROLES.indexOf(role);
const pairs = ROLES.flatMap((mine) => ROLES.map((theirs) => [mine, theirs] as const));
const caller = (role: Role): Caller => ({ permissions: ROLE_PERMISSIONS[role] }) as Caller;

describe('authority of roles', () => {
  it.each(pairs)('the role %s may grant and manage %s exactly if it is not lower', (mine, theirs) => {
    for (const rule of [requireMayGrant, requireAuthorityOver]) {
      const asked = () => rule(caller(mine), toBuiltInRole(theirs));
      if (rank(mine) <= rank(theirs)) expect(asked).not.toThrow();
      else expect(asked).toThrow();
    }
  });
});

it.each(pairs)('a change from %s to %s lowers the role exactly if a permission is lost', (from, to) => {
  expect(isLowered(toBuiltInRole(from), toBuiltInRole(to))).toBe(rank(from) < rank(to));
});

it('the permissions of a custom role count, and not its name', () => {
  const auditor = { name: 'auditor', permissions: new Set(['audit_log:read'] as const) };
  expect(() => requireMayGrant(caller('admin'), auditor)).not.toThrow();
  expect(() => requireMayGrant(caller('editor'), auditor)).toThrow('auditor');
  expect(() =>
    requireAuthorityOver({ permissions: auditor.permissions } as unknown as Caller, toBuiltInRole('member')),
  ).toThrow();
  expect([isLowered(toBuiltInRole('member'), auditor), isLowered(auditor, toBuiltInRole('admin'))]).toEqual([
    true,
    false,
  ]);
});
