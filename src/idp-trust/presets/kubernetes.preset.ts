import { createAudienceFault, parseIssuer, STANDARD_CLAIMS, type IdentityPreset } from './identity-preset.js';

const API_SERVER = /^https:\/\/kubernetes\.default(\.svc(\.|$|\/)|$|\/)/;

/** Hosted clusters have issuers of their cloud provider. */
const HOSTED = /^(oidc\.eks\.[a-z0-9-]+\.amazonaws\.com|container\.googleapis\.com|.+\.oic\.prod-aks\.azure\.com)$/;

export const kubernetes: IdentityPreset = {
  id: 'kubernetes',
  name: 'Kubernetes service accounts',
  kind: 'workload',
  algorithms: ['RS256', 'ES256'],
  tokenTypes: ['', 'jwt'],
  acceptIdTokens: false,
  claimMapping: STANDARD_CLAIMS,
  emailVerifiedWords: [],
  advice: [
    {
      field: 'issuer',
      text: 'The issuer that kubectl get --raw /.well-known/openid-configuration prints. Subjects are system:serviceaccount:<namespace>:<name>.',
    },
    {
      field: 'audiences',
      text: 'Project a token with an audience for this gateway (serviceAccountToken.audience). The audience of the API server is in every pod’s token.',
    },
    {
      field: 'maxAgeSeconds',
      text: 'Some clusters extend tokens to a year. Set expirationSeconds of the projected token to an hour.',
    },
  ],
  recognizes: (issuer) => API_SERVER.test(issuer) || HOSTED.test(parseIssuer(issuer)?.hostname ?? ''),
  listExtraAudiences: () => [],
  findFaults: (issuer, audiences) =>
    audiences.flatMap((audience, i) =>
      audience === issuer || API_SERVER.test(audience)
        ? [
            createAudienceFault(
              i,
              'That is the audience of the API server, which is in every pod’s token. Use an audience that names this gateway.',
            ),
          ]
        : [],
    ),
};
