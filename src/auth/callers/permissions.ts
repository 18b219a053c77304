/** Permissions of each role in the admin API. docs/roles.md is generated from this file, and a test compares them. */

export const PERMISSIONS = {
  'organization:read': 'See the organization',
  'organization:update': "Change the organization's settings",
  'user:read': 'See the users',
  'user:write': 'Invite, change, disable and delete users, except owners',
  'owner:write': 'Create, change, disable and delete owners',
  'role:read': 'See the custom roles',
  'role:write': 'Create, change and delete custom roles with permissions that you hold',
  'team:read': 'See the teams and their members',
  'team:write': 'Create, change and delete any team and its members (a team admin manages their own team without it)',
  'llm_proxy:read': 'See the LLM proxies',
  'llm_proxy:write': 'Create, change and delete LLM proxies',
  'own_key:write': 'Store personal provider keys, and create virtual keys from the keys that you may use',
  'team_key:write': 'Manage keys of every team (a team admin manages those of their own team without it)',
  'org_key:write': 'Manage keys of the organization',
  'any_key:write': "See, revoke and delete other people's personal keys (never their values)",
  'identity_provider:read': 'See trusted identity providers and their linked users',
  'identity_provider:write': 'Trust identity providers, and link their subjects to users',
  'oauth_client:write': 'Register, change and delete OAuth clients',
  'api_key:write': 'Create and delete your own admin API keys',
  'any_api_key:write': "See and delete other people's admin API keys",
  'interaction:read_own': 'Read the records of your own calls',
  'interaction:read': 'Read the records of all calls',
  'interaction:read_content': 'Read captured content of calls (each read is audited)',
  'statistics:read': 'See the statistics of all calls',
  'model:read': 'See models and prices',
  'model:write': 'Override prices',
  'limit:read': 'See the limits and their usage',
  'limit:write': 'Create, change and delete limits',
  'model_alias:read': 'See the model aliases of the Model Router',
  'model_alias:write': 'Create, change and delete model aliases',
  'webhook:read': 'See the webhooks and their deliveries',
  'webhook:write': 'Create, change, test and delete webhooks',
  'explain:read_own': 'Explain the outcome of your own calls',
  'explain:read': 'Explain the outcome of calls of any user',
  'audit_log:read': 'Read the audit log',
} as const;

export type Permission = keyof typeof PERMISSIONS;

export const ROLES = ['owner', 'admin', 'editor', 'member'] as const;
export type Role = (typeof ROLES)[number];

const member: Permission[] = [
  'organization:read',
  'team:read',
  'llm_proxy:read',
  'own_key:write',
  'api_key:write',
  'interaction:read_own',
  'model:read',
  'model_alias:read',
  'explain:read_own',
];
const editor: Permission[] = [
  ...member,
  'user:read',
  'role:read',
  'llm_proxy:write',
  'team_key:write',
  'org_key:write',
  'oauth_client:write',
  'interaction:read',
  'limit:read',
  'statistics:read',
  'model:write',
  'model_alias:write',
];
const admin: Permission[] = [
  ...editor,
  'organization:update',
  'user:write',
  'role:write',
  'team:write',
  'identity_provider:read',
  'identity_provider:write',
  'limit:write',
  'webhook:read',
  'webhook:write',
  'interaction:read_content',
  'any_key:write',
  'any_api_key:write',
  'explain:read',
  'audit_log:read',
];
const owner: Permission[] = [...admin, 'owner:write'];

export const ROLE_PERMISSIONS: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  owner: new Set(owner),
  admin: new Set(admin),
  editor: new Set(editor),
  member: new Set(member),
};

export const ADMIN_SCOPES = ['admin:read', 'admin:write'] as const;
export type AdminScope = (typeof ADMIN_SCOPES)[number];

/**
 * Every permission that a scope of the admin API can carry. `owner:write` is excluded, because an admin administers
 * everything else. A token carries it only where both the user and the registrant of the client are owners.
 */
export const getScopePermissions = (scope: AdminScope): readonly Permission[] =>
  (Object.keys(PERMISSIONS) as Permission[]).filter(
    (permission) => permission !== 'owner:write' && (scope === 'admin:write' || permission.includes(':read')),
  );
