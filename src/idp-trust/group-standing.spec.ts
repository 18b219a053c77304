import { roleBy } from './group-standing.js';

const groupRoles = [
  { group: 'a', role: 'member' },
  { group: 'b', role: 'admin' },
  { group: 'c', role: 'editor' },
] as const;

describe('the role by groups', () => {
  it.each([
    [['a'], 'editor', 'member'],
    [['a', 'c'], 'member', 'editor'],
    [['c', 'b', 'a'], 'member', 'admin'],
    [['A'], 'editor', 'editor'],
    [[], 'editor', 'editor'],
    [['a'], 'owner', 'owner'],
  ] as const)('%j make of the role %s: %s', (groups, present, role) => {
    expect(roleBy({ groupRoles }, groups, present)).toBe(role);
  });
});
