import { createAudienceFault, parseIssuer, STANDARD_CLAIMS, type IdentityPreset } from './identity-preset.js';

export const gitlab: IdentityPreset = {
  id: 'gitlab',
  name: 'GitLab CI/CD',
  kind: 'workload',
  algorithms: ['RS256'],
  tokenTypes: ['', 'jwt'],
  acceptIdTokens: false,
  claimMapping: STANDARD_CLAIMS,
  emailVerifiedWords: [],
  advice: [
    {
      field: 'issuer',
      text: 'https://gitlab.com is the issuer for every project there. Bind subjects (project_path:<group>/<project>:ref_type:…) and namespace_id, never the issuer alone.',
    },
    { field: 'audiences', text: 'Set aud under id_tokens of the job. Any job may ask for any audience.' },
    {
      field: 'requiredClaims',
      text: 'Require namespace_id (a text in these tokens): the name of a group can be reassigned.',
    },
  ],
  recognizes: (issuer) => parseIssuer(issuer)?.hostname === 'gitlab.com',
  listExtraAudiences: () => [],
  findFaults: (issuer, audiences) =>
    audiences.flatMap((audience, i) =>
      audience === issuer
        ? [createAudienceFault(i, 'That is GitLab itself. Use an audience that names this gateway.')]
        : [],
    ),
};
