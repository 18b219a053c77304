import { TokenRefusal } from '../trusted-issuer/token-refusal.js';
import { createIssuerFault, STANDARD_CLAIMS, type IdentityPreset } from './identity-preset.js';

const ISSUER = 'https://accounts.google.com';

export const google: IdentityPreset = {
  id: 'google',
  name: 'Google',
  kind: 'people',
  algorithms: ['RS256'],
  tokenTypes: ['', 'jwt'],
  // Its access tokens are opaque.
  acceptIdTokens: true,
  claimMapping: STANDARD_CLAIMS,
  emailVerifiedWords: [],
  advice: [
    {
      field: 'issuer',
      text: 'https://accounts.google.com issues tokens for every Google account: require hd, and use your own client id.',
    },
    { field: 'audiences', text: 'The OAuth client id of an application of yours (….apps.googleusercontent.com).' },
    {
      field: 'requiredClaims',
      text: 'Require hd with your Workspace domain. Without it every Google account is accepted, including private ones.',
    },
    {
      field: 'acceptIdTokens',
      text: 'Google’s access tokens cannot be read by others, so ID tokens are used; they live for an hour.',
    },
    {
      field: 'claimMapping',
      text: 'Users are linked by sub. An address may pass to another person when a domain changes hands; sub does not.',
    },
  ],
  recognizes: (issuer) => issuer === ISSUER || issuer === 'accounts.google.com',
  listExtraAudiences: () => [],
  findFaults: (issuer) => (issuer === ISSUER ? [] : [createIssuerFault(`Google’s issuer is ${ISSUER}.`)]),
  findClaimsRefusal: ({ email }, { kind }) =>
    kind === 'people' && typeof email === 'string' && email.toLowerCase().endsWith('.gserviceaccount.com')
      ? new TokenRefusal('jwt_subject', 'This is a token of a service account, not of a user.')
      : null,
  isIdToken: () => true,
};
