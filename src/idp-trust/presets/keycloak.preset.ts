import { quote } from '../trusted-issuer/token-json.js';
import { TokenRefusal } from '../trusted-issuer/token-refusal.js';
import {
  createAudienceFault,
  createIssuerFault,
  parseIssuer,
  STANDARD_CLAIMS,
  STANDARD_TYPES,
  type IdentityPreset,
} from './identity-preset.js';

/** Keycloak's own account pages: every token of a realm may have this audience. */
const ACCOUNT = 'account';

export const keycloak: IdentityPreset = {
  id: 'keycloak',
  name: 'Keycloak',
  kind: 'people',
  algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'],
  tokenTypes: STANDARD_TYPES,
  acceptIdTokens: false,
  claimMapping: STANDARD_CLAIMS,
  emailVerifiedWords: [],
  advice: [
    {
      field: 'issuer',
      text: 'https://<host>/realms/<realm>, as a token has it: the host depends on the hostname settings and may be another inside your network. Before version 17 the path begins with /auth.',
    },
    {
      field: 'audiences',
      text: 'By default, the only audience that Keycloak adds is account. Add an audience mapper for this gateway to a client scope, and enter its value here.',
    },
    {
      field: 'extraAudiences',
      text: 'account is listed because most realms add it to every token. It never counts as this gateway’s audience.',
    },
    {
      field: 'claimMapping',
      text: 'Since version 25 sub comes with the client scope basic; lightweight tokens may lack it. Roles are at realm_access › roles and resource_access › <client> › roles; groups need a mapper. Anyone who may edit users can set email_verified.',
    },
  ],
  recognizes: (issuer) => /\/realms\/[^/]+$/.test(parseIssuer(issuer)?.pathname ?? ''),
  listExtraAudiences: () => [ACCOUNT],
  findFaults: (issuer, audiences) => [
    ...(/\/realms\/[^/]+$/.test(parseIssuer(issuer)?.pathname ?? '')
      ? []
      : [createIssuerFault('Keycloak’s issuers end with /realms/<realm>, without a slash behind.')]),
    ...audiences.flatMap((audience, i) =>
      audience === ACCOUNT
        ? [
            createAudienceFault(
              i,
              'Every token of a realm may have the audience account. Add an audience mapper for this gateway.',
            ),
          ]
        : [],
    ),
  ],
  findClaimsRefusal: ({ typ, aud, preferred_username: username }, { kind }) => {
    if (typ !== undefined && typ !== 'Bearer' && typ !== 'ID')
      return new TokenRefusal('jwt_type', `The payload’s typ is ${quote(typ)}; an access token’s is "Bearer".`);
    if (aud === ACCOUNT || (Array.isArray(aud) && aud.every((each) => each === ACCOUNT)))
      return new TokenRefusal('jwt_audience', 'The only audience is account: the client lacks an audience mapper.');
    if (kind === 'people' && typeof username === 'string' && username.startsWith('service-account-'))
      return new TokenRefusal('jwt_subject', 'This is a token of a service account, not of a user.');
    return null;
  },
};
