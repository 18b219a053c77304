/** Every path that the authorization server answers (wire contract §3). Below one origin: PUBLIC_URL is the issuer. */

const OAUTH = '/api/auth/oauth2';

/** Endpoints of the protocol: oidc-provider speaks there. Named as its `routes` setting names them. */
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

/** What of the origin's paths goes to oidc-provider, as Fastify writes them. */
export const PROTOCOL_URLS = [
  '/.well-known/oauth-authorization-server',
  '/.well-known/openid-configuration',
  PROTOCOL_ROUTES.jwks,
  `${OAUTH}/*`,
  PROTOCOL_ROUTES.code_verification,
  `${PROTOCOL_ROUTES.code_verification}/*`,
] as const;

/** Pages that a person sees. */
export const PAGE_ROUTES = {
  signIn: '/auth/sign-in',
  idp: '/auth/idp',
  setPassword: '/auth/set-password',
  styles: '/auth/pages.css',
  consent: '/oauth/consent',
  account: '/account',
} as const;

/** Whether a request asks for a page or sends a page's form: those speak HTML, also when something goes wrong. */
export const isPageUrl = (rawUrl: string): boolean => /^\/(?:auth|oauth|account)(?:[/?]|$)/.test(rawUrl);
