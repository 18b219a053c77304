/**
 * The scopes and the two resources that tokens are for (RFC 8707): the LLM routes and the admin API. Pure. A token has
 * one resource. If a client names none, it follows from the scopes.
 */
import { ADMIN_SCOPES } from '../../auth/callers/permissions.js';
import { isUuid } from '../../platform/ids.js';
import { findProvider } from '../../providers/registry.js';

export const LLM_SCOPE = 'llm:proxy';
export { ADMIN_SCOPES };

/** Scopes that concern the person, not a resource (OpenID Connect Core §5.4, §11). */
export const IDENTITY_SCOPES = ['openid', 'offline_access', 'profile', 'email'] as const;

export const ALL_SCOPES: readonly string[] = [...IDENTITY_SCOPES, LLM_SCOPE, ...ADMIN_SCOPES];

/** Descriptions for the person who is asked. */
export const SCOPE_MEANINGS: Readonly<Record<string, string>> = {
  openid: 'Know who you are',
  profile: 'Read your name',
  email: 'Read your e-mail address',
  offline_access: 'Stay connected while you are away',
  [LLM_SCOPE]: 'Call language models on your behalf, with the provider keys that you may use',
  'admin:read': 'Read what you can read in the admin API',
  'admin:write': 'Change what you can change in the admin API',
};

export interface Resource {
  /** The audience in tokens. */
  audience: string;
  scopes: readonly string[];
}

export const buildLlmResource = (issuer: string): Resource => ({ audience: `${issuer}/v1`, scopes: [LLM_SCOPE] });
export const buildAdminResource = (issuer: string): Resource => ({ audience: `${issuer}/api`, scopes: ADMIN_SCOPES });

const splitScope = (scope: string | undefined): string[] => scope?.split(' ').filter(Boolean) ?? [];

/**
 * Returns the resource of a request without `resource`: the admin API for requests that ask only for `admin:*`, the LLM
 * routes for all others.
 */
export function inferResource(issuer: string, scope: string | undefined): Resource {
  const requested = splitScope(scope).filter((word) => !(IDENTITY_SCOPES as readonly string[]).includes(word));
  const isAdmin = requested.length > 0 && requested.every((word) => (ADMIN_SCOPES as readonly string[]).includes(word));
  return isAdmin ? buildAdminResource(issuer) : buildLlmResource(issuer);
}

/**
 * Returns the resource that an indicator names: one of the two, or any base URL that LLM clients are given, all of
 * which mean the LLM routes. Null for foreign indicators. The only normalization is one slash at the end.
 */
export function findResource(issuer: string, indicator: string): Resource | null {
  const baseUrl = indicator.endsWith('/') ? indicator.slice(0, -1) : indicator;
  if (baseUrl === buildAdminResource(issuer).audience) return buildAdminResource(issuer);
  if (baseUrl === issuer || isLlmBase(issuer, baseUrl)) return buildLlmResource(issuer);
  return null;
}

/** Returns the canonical name of a resource. A foreign name is returned unchanged. */
export const toCanonicalResource = (issuer: string, indicator: string): string =>
  findResource(issuer, indicator)?.audience ?? indicator;

/** Matches `…/v1`, `…/v1/<provider>`, `…/v1/<provider>/<proxyId>`, and those of the Model Router. */
export function isLlmBase(issuer: string, url: string): boolean {
  if (!url.startsWith(`${issuer}/v1`)) return false;
  const [version, provider, proxyId, ...rest] = url.slice(issuer.length + 1).split('/');
  if (version !== 'v1' || rest.length > 0) return false;
  if (provider === undefined) return true;
  const isKnown = provider === 'model-router' || findProvider(provider) !== undefined;
  return isKnown && (proxyId === undefined || isUuid(proxyId));
}

/**
 * Returns the requested scopes that neither the resource nor the identity scopes include. An application that acts for
 * itself has no identity scopes, because they concern a person.
 */
export const findForeignScopes = (resource: Resource, scope: string | undefined, isForItself = false): string[] =>
  splitScope(scope).filter(
    (word) =>
      !resource.scopes.includes(word) && (isForItself || !(IDENTITY_SCOPES as readonly string[]).includes(word)),
  );
