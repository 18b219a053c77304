import { TokenRefusal } from '../trusted-issuer/token-refusal.js';
import {
  createIssuerFault,
  parseIssuer,
  STANDARD_CLAIMS,
  STANDARD_TYPES,
  type IdentityPreset,
} from './identity-preset.js';

export const auth0: IdentityPreset = {
  id: 'auth0',
  name: 'Auth0',
  kind: 'people',
  algorithms: ['RS256', 'PS256'],
  tokenTypes: STANDARD_TYPES,
  acceptIdTokens: false,
  claimMapping: STANDARD_CLAIMS,
  emailVerifiedWords: [],
  advice: [
    { field: 'issuer', text: 'It ends with a slash: https://example.eu.auth0.com/' },
    {
      field: 'audiences',
      text: 'The identifier of the API. Applications must ask for it (audience=…): without it they get a token that only Auth0 can read.',
    },
    {
      field: 'extraAudiences',
      text: 'Applications that ask for openid get <issuer>userinfo as a second audience; it is listed for that.',
    },
    {
      field: 'claimMapping',
      text: 'Tokens for an API have an address or groups only under names of your own that are URLs (https://example.com/email). Enter such a name whole, in one piece.',
    },
  ],
  recognizes: (issuer) => /\.auth0\.com$/.test(parseIssuer(issuer)?.hostname ?? ''),
  listExtraAudiences: (issuer) => [`${issuer}userinfo`],
  findFaults: (issuer) => (issuer.endsWith('/') ? [] : [createIssuerFault('Auth0’s issuers end with a slash.')]),
  findClaimsRefusal: ({ sub, gty }, { kind }) =>
    kind === 'people' && (gty === 'client-credentials' || (typeof sub === 'string' && sub.endsWith('@clients')))
      ? new TokenRefusal('jwt_subject', 'This is a token of an application (client credentials), which names no user.')
      : null,
};
