/**
 * The clients that are part of the product: the account pages, the Authorize button of the Swagger page, and the client
 * for exchanging a token of an identity provider without a client of one's own. All are public. The first two redirect
 * to this origin only, so their codes cannot be sent elsewhere. The third is only as trustworthy as the token that it
 * presents.
 */
import type { ClientMetadata } from 'oidc-provider';
import { PAGE_ROUTES } from './paths.js';

export const ACCOUNT_CLIENT_ID = 'llm_oauth_gatehouse_account';
export const DOCS_CLIENT_ID = 'llm_oauth_gatehouse_docs';
export const EXCHANGE_CLIENT_ID = 'llm_oauth_gatehouse_exchange';

export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

const FIRST_PARTY_CLIENT_IDS: ReadonlySet<string> = new Set([ACCOUNT_CLIENT_ID, DOCS_CLIENT_ID, EXCHANGE_CLIENT_ID]);

export const buildAccountCallbackUrl = (issuer: string): string => `${issuer}${PAGE_ROUTES.account}/callback`;
export const buildDocsCallbackUrl = (issuer: string): string => `${issuer}/api/docs/oauth2-redirect.html`;

/** Whether the client is first-party: it belongs to no organization, and every user may sign in with it. */
export const isFirstPartyClient = (clientId: string): boolean => FIRST_PARTY_CLIENT_IDS.has(clientId);

/** Whether the client is first-party and the response is sent to this server itself. */
export const isFirstPartyRedirect = (clientId: string, redirectUri: unknown, issuer: string): boolean =>
  isFirstPartyClient(clientId) && typeof redirectUri === 'string' && redirectUri.startsWith(`${issuer}/`);

/**
 * Returns the first-party clients. They get no refresh tokens, because the browser's session allows a new
 * authorization.
 */
export const buildFirstPartyClients = (issuer: string): ClientMetadata[] => [
  {
    client_id: ACCOUNT_CLIENT_ID,
    client_name: 'Your account',
    redirect_uris: [buildAccountCallbackUrl(issuer)],
    grant_types: ['authorization_code'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    scope: 'openid',
  },
  {
    client_id: DOCS_CLIENT_ID,
    client_name: 'Gatehouse admin API page',
    redirect_uris: [buildDocsCallbackUrl(issuer)],
    grant_types: ['authorization_code'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    scope: 'openid admin:read admin:write',
  },
  {
    client_id: EXCHANGE_CLIENT_ID,
    client_name: 'Token exchange',
    redirect_uris: [],
    grant_types: [TOKEN_EXCHANGE],
    response_types: [],
    token_endpoint_auth_method: 'none',
  },
];
