import { TokenRefusal } from '../trusted-issuer/token-refusal.js';
import {
  createAudienceFault,
  parseIssuer,
  STANDARD_CLAIMS,
  STANDARD_TYPES,
  type IdentityPreset,
} from './identity-preset.js';

/** Custom authorization servers have a path; the organization's own server has none. */
const isOrgServer = (issuer: string): boolean => !/^\/oauth2\/[^/]+$/.test(parseIssuer(issuer)?.pathname ?? '');

export const okta: IdentityPreset = {
  id: 'okta',
  name: 'Okta',
  kind: 'people',
  algorithms: ['RS256'],
  tokenTypes: STANDARD_TYPES,
  acceptIdTokens: false,
  // In access tokens `sub` is the login, which can be changed and reassigned.
  claimMapping: { ...STANDARD_CLAIMS, subject: 'uid' },
  emailVerifiedWords: [],
  advice: [
    {
      field: 'issuer',
      text: 'Use a custom authorization server (https://example.okta.com/oauth2/default or /oauth2/<id>). Access tokens of the organization’s own server are only for Okta. A custom domain changes the issuer.',
    },
    {
      field: 'audiences',
      text: 'Every API on the default server shares api://default unless you change it: set a separate audience for this gateway.',
    },
    {
      field: 'claimMapping',
      text: 'The subject is uid, which stays with a user. In access tokens sub is the login, which can change. For ID tokens use sub. Add email and groups as claims of the authorization server.',
    },
    {
      field: 'acceptIdTokens',
      text: 'With the organization’s own server only ID tokens can be used: their audience is the client id, their subject sub.',
    },
  ],
  recognizes: (issuer) => /(^|\.)(okta|oktapreview|okta-emea)\.com$/.test(parseIssuer(issuer)?.hostname ?? ''),
  listExtraAudiences: () => [],
  findFaults: (issuer, audiences) =>
    isOrgServer(issuer)
      ? audiences.flatMap((audience, i) =>
          audience.replace(/\/$/, '') === issuer.replace(/\/$/, '')
            ? [
                createAudienceFault(
                  i,
                  'Access tokens of the organization’s own server are only for Okta. Use a custom authorization server, or ID tokens with the client id as audience.',
                ),
              ]
            : [],
        )
      : [],
  findClaimsRefusal: ({ sub, cid, scp }, { kind, issuer }) => {
    if (isOrgServer(issuer) && (cid !== undefined || scp !== undefined))
      return new TokenRefusal('jwt_type', 'An access token of Okta’s own server is only for Okta.');
    if (kind === 'people' && cid !== undefined && sub === cid)
      return new TokenRefusal('jwt_subject', 'This is a token of an application (sub is cid), which names no user.');
    return null;
  },
};
