import { TokenRefusal } from '../trusted-issuer/token-refusal.js';
import {
  createAudienceFault,
  createIssuerFault,
  STANDARD_CLAIMS,
  STANDARD_TYPES,
  type IdentityPreset,
} from './identity-preset.js';

const TENANT = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const V1 = new RegExp(`^https://sts\\.windows\\.net/${TENANT}/$`);
const V2 = new RegExp(`^https://login\\.microsoftonline\\.(com|us)/${TENANT}/v2\\.0$`);

const GRAPH = ['00000003-0000-0000-c000-000000000000', 'https://graph.microsoft.com'];

export const entra: IdentityPreset = {
  id: 'entra',
  name: 'Microsoft Entra ID',
  kind: 'people',
  algorithms: ['RS256'],
  tokenTypes: STANDARD_TYPES,
  acceptIdTokens: false,
  // `sub` differs for each application; `email` proves nothing unless its domain's owner is verified.
  claimMapping: { ...STANDARD_CLAIMS, subject: 'oid', emailVerified: 'xms_edov' },
  // Documented as a boolean, but also seen as a string.
  emailVerifiedWords: ['1', 'true'],
  advice: [
    {
      field: 'issuer',
      text: 'Which issuer a token has depends on requestedAccessTokenVersion of the API’s registration, not on the address it was fetched from. 2: https://login.microsoftonline.com/<tenant id>/v2.0; unset or 1: https://sts.windows.net/<tenant id>/ with the slash. Register both if you need both.',
    },
    {
      field: 'audiences',
      text: 'The client id (a GUID) of the API’s own registration; with tokens of version 1 its application id URI (api://…). Never Microsoft Graph.',
    },
    {
      field: 'claimMapping',
      text: 'The subject is oid, which is the same in all applications of the tenant. email and preferred_username can be changed by users. Add the optional claims email and xms_edov if users are to be linked by address.',
    },
    {
      field: 'groups',
      text: 'Groups come as object ids. A user with more than 200 gets none in the token; such a user’s groups then count as unknown, not as none. Send the groups assigned to the application alone.',
    },
    { field: 'kind', text: 'Tokens of applications (idtyp app) name no user: create a workload provider for those.' },
  ],
  recognizes: (issuer) => /^https:\/\/(sts\.windows\.net|login\.microsoftonline\.(com|us))\//.test(issuer),
  listExtraAudiences: () => [],
  findFaults: (issuer, audiences) => [
    ...(V1.test(issuer) || V2.test(issuer) ? [] : [createIssuerFault(buildIssuerAdvice(issuer))]),
    ...audiences.flatMap((audience, i) =>
      GRAPH.includes(audience.replace(/\/$/, ''))
        ? [
            createAudienceFault(
              i,
              'Tokens for Microsoft Graph cannot be verified by others. Use the client id of your own API.',
            ),
          ]
        : [],
    ),
  ],
  findHeaderRefusal: ({ nonce }) =>
    nonce === undefined
      ? null
      : new TokenRefusal(
          'jwt_header_forbidden',
          'The header has a nonce: this token is for Microsoft Graph, and only Graph can verify it. Ask for a scope of your own API.',
        ),
  // In tokens of applications sub and oid are equal, in those of users they differ; idtyp is an optional claim.
  findClaimsRefusal: ({ idtyp, scp, sub, oid }, { kind }) =>
    kind === 'people' && (idtyp === 'app' || (scp === undefined && sub !== undefined && sub === oid))
      ? new TokenRefusal('jwt_subject', 'This is a token of an application (app-only), which names no user.')
      : null,
  // Every access token issued on behalf of a user has scp.
  isIdToken: ({ scp }, { kind }) => kind === 'people' && scp === undefined,
};

function buildIssuerAdvice(issuer: string): string {
  if (/\{tenantid\}|\/(common|organizations|consumers)(\/|$)/i.test(issuer))
    return 'This accepts every tenant. Put your own tenant id into it.';
  return 'Entra’s issuers are https://login.microsoftonline.com/<tenant id>/v2.0 and https://sts.windows.net/<tenant id>/ (with the slash), the tenant id in lower case.';
}
