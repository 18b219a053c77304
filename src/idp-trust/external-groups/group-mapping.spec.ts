import { findGrantedRole } from './group-mapping.js';

const groupRoles = [
  { group: 'a', role: 'member' },
  { group: 'b', role: 'admin' },
  { group: 'c', role: 'editor' },
] as const;

describe('roles by groups', () => {
  it.each([
    [['a'], 'editor', 'member'],
    [['a', 'c'], 'member', 'editor'],
    [['c', 'b', 'a'], 'member', 'admin'],
    [['c'], 'editor', null],
    [['A'], 'editor', null],
    [[], 'editor', null],
    [['a'], 'owner', null],
  ] as const)('findGrantedRole returns for the groups %j and the role %s: %s', (groups, present, role) => {
    expect(findGrantedRole({ groupRoles }, groups, { role: present, customRoleId: null })).toBe(role);
  });

  it.each([
    [['a'], 'member'],
    [['b'], 'admin'],
    [['A'], null],
  ] as const)('findGrantedRole returns for the groups %j and a custom role: %s', (groups, role) => {
    expect(findGrantedRole({ groupRoles }, groups, { role: 'member', customRoleId: 'some' })).toBe(role);
  });
});
