import { CUSTOM_PERMISSIONS, selectCustomPermissions, getPermissions } from './custom-permissions.js';
import { PERMISSIONS, ROLE_PERMISSIONS } from './permissions.js';

it('a custom role can hold all permissions except owner:write and identity_provider:write', () => {
  expect(Object.keys(PERMISSIONS).filter((name) => !(CUSTOM_PERMISSIONS as string[]).includes(name))).toEqual([
    'owner:write',
    'identity_provider:write',
  ]);
});

it('stored permissions that a custom role cannot hold are ignored', () => {
  expect([...selectCustomPermissions(['owner:write', 'team:read', 'identity_provider:write', 'no:longer'])]).toEqual([
    'team:read',
  ]);
});

it('a custom role replaces the permissions of the built-in role', () => {
  expect(getPermissions('member', null)).toBe(ROLE_PERMISSIONS.member);
  expect([...getPermissions('member', ['audit_log:read'])]).toEqual(['audit_log:read']);
  expect([...getPermissions('member', [])]).toEqual([]);
});
