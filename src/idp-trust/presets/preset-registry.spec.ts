import { checkIssuerSettings, getPreset, detectPreset, PRESETS } from './preset-registry.js';

const TENANT = '72f988bf-86f1-41af-91ab-2d7cd011db47';

describe('preset detection', () => {
  it.each([
    ['https://example.okta.com/oauth2/default', 'okta'],
    ['https://example.oktapreview.com', 'okta'],
    [`https://login.microsoftonline.com/${TENANT}/v2.0`, 'entra'],
    [`https://sts.windows.net/${TENANT}/`, 'entra'],
    ['https://example.eu.auth0.com/', 'auth0'],
    ['https://id.example.com/realms/acme', 'keycloak'],
    ['https://accounts.google.com', 'google'],
    ['https://token.actions.githubusercontent.com', 'github_actions'],
    ['https://token.actions.githubusercontent.com/octo-org', 'github_actions'],
    ['https://kubernetes.default.svc.cluster.local', 'kubernetes'],
    ['https://oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE', 'kubernetes'],
    ['https://gitlab.com', 'gitlab'],
    ['https://id.example.com', 'custom'],
    ['https://okta.com.evil.example', 'custom'],
    ['https://login.microsoftonline.com.evil.example/x/v2.0', 'custom'],
    ['no URL', 'custom'],
  ])('the issuer %s has the preset %s', (issuer, id) => expect(detectPreset(issuer).id).toBe(id));

  it('an unknown preset id yields the custom preset', () => expect(getPreset('no-such').id).toBe('custom'));
});

describe('presets', () => {
  it.each(PRESETS.map((preset) => [preset.id, preset] as const))(
    'the preset %s has asymmetric algorithms, advice and a stable subject',
    (_id, preset) => {
      expect(preset.algorithms.filter((alg) => !/^(RS|PS|ES)(256|384|512)$|^Ed/.test(alg))).toEqual([]);
      expect(preset.advice.length).toBeGreaterThan(1);
      expect(preset.claimMapping.subject).not.toMatch(/email|upn|preferred_username|^name$/);
      // Only a vendor that documents text values for its claim may have them, and never for the standard claim.
      if (preset.claimMapping.emailVerified === 'email_verified') expect(preset.emailVerifiedWords).toEqual([]);
    },
  );
});

describe('checks of issuer settings', () => {
  it.each([
    ['entra', 'https://login.microsoftonline.com/common/v2.0', ['a'], '/issuer', /your own tenant id/],
    ['entra', 'https://login.microsoftonline.com/organizations/v2.0', ['a'], '/issuer', /your own tenant id/],
    ['entra', 'https://login.microsoftonline.com/{tenantid}/v2.0', ['a'], '/issuer', /your own tenant id/],
    ['entra', `https://sts.windows.net/${TENANT}`, ['a'], '/issuer', /with the slash/],
    ['entra', `https://login.microsoftonline.com/${TENANT}/v2.0/`, ['a'], '/issuer', /issuers are/],
    [
      'entra',
      `https://login.microsoftonline.com/${TENANT}/v2.0`,
      ['a', '00000003-0000-0000-c000-000000000000'],
      '/audiences/1',
      /Graph/,
    ],
    ['entra', `https://sts.windows.net/${TENANT}/`, ['https://graph.microsoft.com/'], '/audiences/0', /Graph/],
    ['okta', 'https://example.okta.com', ['https://example.okta.com'], '/audiences/0', /only for Okta/],
    ['auth0', 'https://example.auth0.com', ['a'], '/issuer', /slash/],
    ['keycloak', 'https://id.example.com/realms/acme', ['account'], '/audiences/0', /audience mapper/],
    ['keycloak', 'https://id.example.com/realms/acme/', ['a'], '/issuer', /without a slash/],
    ['google', 'accounts.google.com', ['a'], '/issuer', /https/],
    [
      'github_actions',
      'https://token.actions.githubusercontent.com',
      ['https://github.com/octo-org'],
      '/audiences/0',
      /default audience/,
    ],
    [
      'kubernetes',
      'https://kubernetes.default.svc.cluster.local',
      ['https://kubernetes.default.svc'],
      '/audiences/0',
      /every pod/,
    ],
    ['gitlab', 'https://gitlab.com', ['https://gitlab.com'], '/audiences/0', /GitLab itself/],
  ])('the preset %s rejects the issuer %s with audiences %j', (preset, issuer, audiences, pointer, detail) => {
    expect(checkIssuerSettings(preset, issuer, audiences)).toEqual([
      { pointer, detail: expect.stringMatching(detail) },
    ]);
  });

  it.each([
    ['entra', `https://login.microsoftonline.com/${TENANT}/v2.0`, '6e74172b-be56-4843-9ff4-e66a39bb12e3'],
    ['entra', `https://sts.windows.net/${TENANT}/`, 'api://6e74172b-be56-4843-9ff4-e66a39bb12e3'],
    ['okta', 'https://example.okta.com/oauth2/default', 'api://gatehouse'],
    ['okta', 'https://example.okta.com', '0oa5yq1ml0WkmQyVh5d7'],
    ['auth0', 'https://example.auth0.com/', 'https://gatehouse'],
    ['keycloak', 'https://id.example.com/auth/realms/acme', 'gatehouse'],
    ['google', 'https://accounts.google.com', '123.apps.googleusercontent.com'],
    ['github_actions', 'https://token.actions.githubusercontent.com', 'gatehouse'],
    ['kubernetes', 'https://kubernetes.default.svc', 'gatehouse'],
    ['gitlab', 'https://gitlab.com', 'gatehouse'],
    ['custom', 'https://id.example.com', 'gatehouse'],
  ])('the preset %s accepts the issuer %s with audience %s', (preset, issuer, audience) =>
    expect(checkIssuerSettings(preset, issuer, [audience])).toEqual([]),
  );
});
