/**
 * The two clients that are part of the product: the account pages, and the Swagger page's Authorize button. Both are
 * public and answer to this origin alone, so nobody can be sent elsewhere with what they get.
 */
import type { ClientMetadata } from 'oidc-provider';
import { PAGE_ROUTES } from './oauth-paths.js';

export const ACCOUNT_CLIENT_ID = 'llm_oauth_gatehouse_account';
export const DOCS_CLIENT_ID = 'llm_oauth_gatehouse_docs';

export const accountCallback = (issuer: string): string => `${issuer}${PAGE_ROUTES.account}/callback`;
export const docsCallback = (issuer: string): string => `${issuer}/api/docs/oauth2-redirect.html`;

/** Whether the client is ours: it belongs to no organisation, and every user may sign in with it. */
export const isOurs = (clientId: string): boolean => clientId === ACCOUNT_CLIENT_ID || clientId === DOCS_CLIENT_ID;

/** They get no refresh tokens: the browser's session is there to ask again. */
export const clientsOfOurs = (issuer: string): ClientMetadata[] => [
  {
    client_id: ACCOUNT_CLIENT_ID,
    client_name: 'Your account',
    redirect_uris: [accountCallback(issuer)],
    grant_types: ['authorization_code'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    scope: 'openid',
  },
  {
    client_id: DOCS_CLIENT_ID,
    client_name: 'Gatehouse admin API page',
    redirect_uris: [docsCallback(issuer)],
    grant_types: ['authorization_code'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    scope: 'openid admin:read admin:write',
  },
];
