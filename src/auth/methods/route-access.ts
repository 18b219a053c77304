/** Declares who may access a route. A route without a declaration is refused, and fails the boot test. */
import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiSecurity } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Surface } from '../callers/caller.js';
import type { Permission } from '../callers/permissions.js';
import type { AuthRoute } from './auth-method.js';
import type { CredentialSources } from '../credentials/presented-credential.js';

export const ROUTE_ACCESS = Symbol('route access');

/**
 * Reads the path of a request, on behalf of the module that owns the LLM surface. May throw GatewayError for an
 * unreadable path.
 */
export interface LlmRouteReader {
  readRoute(request: FastifyRequest): Pick<AuthRoute, 'provider' | 'proxyId'>;
  readCredentialSources(request: FastifyRequest): CredentialSources;
}

export type RouteAccess =
  | { kind: 'public' }
  | ({ kind: 'llm'; surface: Exclude<Surface, 'admin-api'> } & LlmRouteReader)
  | { kind: 'admin'; permission: Permission | null };

/** Open to everyone. */
export const Public = () => SetMetadata(ROUTE_ACCESS, { kind: 'public' } satisfies RouteAccess);

/** Open to LLM clients, by any method that is accepted on `surface`. */
export const LlmSurface = (surface: Exclude<Surface, 'admin-api'>, reader: LlmRouteReader) =>
  SetMetadata(ROUTE_ACCESS, { kind: 'llm', surface, ...reader } satisfies RouteAccess);

/**
 * Open to admins whose role holds `permission`. Sets it for the guard and for the OpenAPI security section, so the two
 * cannot drift.
 */
export const RequirePermission = (permission: Permission) =>
  applyDecorators(
    SetMetadata(ROUTE_ACCESS, { kind: 'admin', permission } satisfies RouteAccess),
    ApiSecurity('adminApiKey'),
  );

/** Open to any signed-in admin-API caller, independent of the role. */
export const SignedIn = () =>
  applyDecorators(
    SetMetadata(ROUTE_ACCESS, { kind: 'admin', permission: null } satisfies RouteAccess),
    ApiSecurity('adminApiKey'),
  );
