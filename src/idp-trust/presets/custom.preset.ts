import { DEFAULT_ALGORITHMS } from '../trusted-issuer/signature-algorithms.js';
import { STANDARD_CLAIMS, STANDARD_TYPES, type IdentityPreset } from './identity-preset.js';

/** Any provider that speaks OpenID Connect. */
export const custom: IdentityPreset = {
  id: 'custom',
  name: 'Another OpenID Connect provider',
  kind: 'people',
  algorithms: DEFAULT_ALGORITHMS,
  tokenTypes: STANDARD_TYPES,
  acceptIdTokens: false,
  claimMapping: STANDARD_CLAIMS,
  emailVerifiedWords: [],
  advice: [
    { field: 'issuer', text: 'Copy it from the iss claim of a token: it is compared byte for byte.' },
    {
      field: 'audiences',
      text: 'A value that the provider puts into aud for this gateway alone. Tokens for other applications must not have it.',
    },
    { field: 'claimMapping', text: 'Choose a subject that never changes and is never reassigned.' },
  ],
  recognizes: () => false,
  listExtraAudiences: () => [],
  findFaults: () => [],
};
