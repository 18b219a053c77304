import { createAudienceFault, parseIssuer, STANDARD_CLAIMS, type IdentityPreset } from './identity-preset.js';

export const githubActions: IdentityPreset = {
  id: 'github_actions',
  name: 'GitHub Actions',
  kind: 'workload',
  algorithms: ['RS256'],
  tokenTypes: ['', 'jwt'],
  acceptIdTokens: false,
  claimMapping: STANDARD_CLAIMS,
  emailVerifiedWords: [],
  advice: [
    {
      field: 'issuer',
      text: 'https://token.actions.githubusercontent.com is the issuer for every repository on GitHub. Bind subjects (repo:<owner>/<repository>:…) and repository_owner_id, never the issuer alone.',
    },
    {
      field: 'audiences',
      text: 'Any workflow may ask for any audience: it names this gateway and proves nothing else.',
    },
    {
      field: 'requiredClaims',
      text: 'Require repository_owner_id: an owner’s name can be reassigned, the number cannot.',
    },
  ],
  recognizes: (issuer) => parseIssuer(issuer)?.hostname === 'token.actions.githubusercontent.com',
  listExtraAudiences: () => [],
  findFaults: (_issuer, audiences) =>
    audiences.flatMap((audience, i) =>
      /^https:\/\/github\.com(\/|$)/.test(audience)
        ? [
            createAudienceFault(
              i,
              'That is the default audience of workflows. Use an audience that names this gateway.',
            ),
          ]
        : [],
    ),
};
