/**
 * Every path that the authorization server serves. All have one origin: PUBLIC_URL is the issuer.
 */

const OAUTH = '/api/auth/oauth2';

/** Protocol endpoints, served by oidc-provider. The names are those of its `routes` setting. */
export const PROTOCOL_ROUTES = {
  authorization: `${OAUTH}/authorize`,
  token: `${OAUTH}/token`,
  registration: `${OAUTH}/register`,
  revocation: `${OAUTH}/revoke`,
  introspection: `${OAUTH}/introspect`,
  userinfo: `${OAUTH}/userinfo`,
  device_authorization: `${OAUTH}/device`,
  pushed_authorization_request: `${OAUTH}/par`,
  end_session: `${OAUTH}/end-session`,
  jwks: '/api/auth/jwks',
  code_verification: '/device',
} as const;

/** Paths of the origin that are routed to oidc-provider, in Fastify's syntax. */
export const PROTOCOL_URLS = [
  '/.well-known/oauth-authorization-server',
  '/.well-known/openid-configuration',
  PROTOCOL_ROUTES.jwks,
  `${OAUTH}/*`,
  PROTOCOL_ROUTES.code_verification,
  `${PROTOCOL_ROUTES.code_verification}/*`,
] as const;

/** The body of a 404 below the protocol's paths. */
export const NO_ENDPOINT = {
  error: 'invalid_request',
  error_description: 'no endpoint has this path and method',
} as const;

const INTERACTION_PATHS = [PROTOCOL_ROUTES.authorization, PROTOCOL_ROUTES.code_verification];
const EXACT: ReadonlySet<string> = new Set([
  ...Object.values(PROTOCOL_ROUTES),
  '/.well-known/oauth-authorization-server',
  '/.well-known/openid-configuration',
  `${PROTOCOL_ROUTES.end_session}/confirm`,
  `${PROTOCOL_ROUTES.end_session}/success`,
]);

/**
 * Whether oidc-provider has an endpoint at exactly this path. Its router ignores case and trailing slashes, while the
 * limits around it compare the path literally.
 */
export function isProtocolPath(path: string): boolean {
  if (EXACT.has(path)) return true;
  return INTERACTION_PATHS.some((base) => path.startsWith(`${base}/`) && /^[\w-]+$/.test(path.slice(base.length + 1)));
}

/** Pages for people. */
export const PAGE_ROUTES = {
  signIn: '/auth/sign-in',
  idp: '/auth/idp',
  setPassword: '/auth/set-password',
  styles: '/auth/pages.css',
  consent: '/oauth/consent',
  account: '/account',
} as const;
