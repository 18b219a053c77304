import type { FastifyRequest } from 'fastify';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import type { Caller } from '../callers/caller.js';
import type { RouteAccess } from '../methods/route-access.js';

/**
 * Checks that the credential's scope and the user's role permit this on the admin API. Throws `insufficient_scope` or
 * `permission_denied`.
 */
export function checkPermission(
  access: Extract<RouteAccess, { kind: 'admin' }>,
  request: FastifyRequest,
  caller: Caller,
): void {
  const scope = request.method === 'GET' || request.method === 'HEAD' ? 'admin:read' : 'admin:write';
  // `admin:write` includes `admin:read`.
  if (!caller.scopes.has(scope) && !caller.scopes.has('admin:write')) {
    throw new GatewayError(
      'insufficient_scope',
      `This credential lacks the scope ${scope}. Use one that was created with it.`,
      {
        headers: { 'www-authenticate': `Bearer realm="gatehouse", error="insufficient_scope", scope="${scope}"` },
      },
    );
  }
  if (access.permission && !caller.permissions.has(access.permission)) {
    throw new GatewayError(
      'permission_denied',
      `Your role lacks the permission ${access.permission}. Ask an owner or admin of your organization.`,
    );
  }
}
