/** How a route says who may come in. A route that says nothing is refused, and stops the boot test. */
import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiSecurity } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Surface } from './caller.js';
import type { Permission } from './permissions.js';
import type { AuthRoute } from './auth-method.js';
import type { CredentialPlaces } from './presented-credential.js';

export const ROUTE_ACCESS = Symbol('route access');

/** How the owner of an LLM surface reads a request's path. May throw GatewayError for a path that cannot be read. */
export interface LlmRouteReader {
  target(request: FastifyRequest): Pick<AuthRoute, 'provider' | 'proxyId'>;
  places(request: FastifyRequest): CredentialPlaces;
}

export type RouteAccess =
  | { kind: 'public' }
  | ({ kind: 'llm'; surface: Exclude<Surface, 'admin-api'> } & LlmRouteReader)
  | { kind: 'admin'; permission: Permission | null };

/** Anyone may come in. */
export const Public = () => SetMetadata(ROUTE_ACCESS, { kind: 'public' } satisfies RouteAccess);

/** LLM clients, by any method that is accepted on `surface`. */
export const LlmSurface = (surface: Exclude<Surface, 'admin-api'>, reader: LlmRouteReader) =>
  SetMetadata(ROUTE_ACCESS, { kind: 'llm', surface, ...reader } satisfies RouteAccess);

/** Admins whose role holds `permission`. Tells the guard, and writes the OpenAPI security section, so the two cannot drift. */
export const RequirePermission = (permission: Permission) =>
  applyDecorators(
    SetMetadata(ROUTE_ACCESS, { kind: 'admin', permission } satisfies RouteAccess),
    ApiSecurity('adminApiKey'),
  );

/** Any signed-in admin-API caller, whatever the role. */
export const SignedIn = () =>
  applyDecorators(
    SetMetadata(ROUTE_ACCESS, { kind: 'admin', permission: null } satisfies RouteAccess),
    ApiSecurity('adminApiKey'),
  );
