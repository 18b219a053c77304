import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { GatewayError } from '../platform/errors/gateway-error.js';
import { ROUTE_ACCESS, type RouteAccess } from './route-access.js';

/** After the caller is known: may the credential's scope and the person's role do this? LLM routes pass; their rules follow later. */
@Injectable()
export class PermissionGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const access = this.reflector.getAllAndOverride<RouteAccess>(ROUTE_ACCESS, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (access.kind !== 'admin') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const caller = request.caller!;
    const scope = request.method === 'GET' || request.method === 'HEAD' ? 'admin:read' : 'admin:write';
    // Who may write may read.
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
        `Your role lacks the permission ${access.permission}. Ask an owner or admin of your organisation.`,
      );
    }
    return true;
  }
}
