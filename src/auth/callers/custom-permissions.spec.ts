import { CUSTOM_PERMISSIONS, selectCustomPermissions, getPermissions } from './custom-permissions.js';
import { PERMISSIONS, ROLE_PERMISSIONS } from './permissions.js';

it('a custom role holds neither what is kept to owners nor what is as much as all of an admin', () => {
  expect(Object.keys(PERMISSIONS).filter((name) => !(CUSTOM_PERMISSIONS as string[]).includes(name))).toEqual([
    'owner:write',
    'identity_provider:write',
  ]);
});

it('what is stored and not to be had gives nothing', () => {
  expect([...selectCustomPermissions(['owner:write', 'team:read', 'identity_provider:write', 'no:longer'])]).toEqual([
    'team:read',
  ]);
});

it('a custom role counts in place of the built-in one, also where it gives less', () => {
  expect(getPermissions('member', null)).toBe(ROLE_PERMISSIONS.member);
  expect([...getPermissions('member', ['audit_log:read'])]).toEqual(['audit_log:read']);
  expect([...getPermissions('member', [])]).toEqual([]);
});
