/**
 * Tokens of the vendors, after their documentation and tokens seen in the wild. Every function returns claims and
 * header members; spread `{...}` over them for the case of a test.
 */
import type { Claims } from './fake-idp.js';

export interface VendorToken {
  issuer: string;
  audience: string;
  claims: Claims;
  header: Record<string, unknown>;
}

type Times = { iat: number; exp: number };

const TENANT = '72f988bf-86f1-41af-91ab-2d7cd011db47';
const API_CLIENT = '6e74172b-be56-4843-9ff4-e66a39bb12e3';
const OBJECT_ID = '00000000-0000-0000-66f3-3332eca7ea81';

export function entraV2(times: Times): VendorToken {
  const issuer = `https://login.microsoftonline.com/${TENANT}/v2.0`;
  const claims = {
    ...{ aud: API_CLIENT, iss: issuer, nbf: times.iat, ...times },
    ...{ azp: 'b2b4e0ab-7b0f-4d8c-a7f2-1c9d9a5b8d5c', azpacr: '0', name: 'Abe Lincoln', oid: OBJECT_ID, tid: TENANT },
    ...{ email: 'AbeLi@example.com', xms_edov: true, preferred_username: 'abeli@example.com', rh: 'I', uti: 'x' },
    ...{ scp: 'access_as_user', sub: 'HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ', ver: '2.0', groups: ['g-1'] },
  };
  return { issuer, audience: API_CLIENT, claims, header: { typ: 'JWT' } };
}

export function entraV1(times: Times): VendorToken {
  const issuer = `https://sts.windows.net/${TENANT}/`;
  const claims = {
    ...{ aud: `api://${API_CLIENT}`, iss: issuer, nbf: times.iat, ...times, ver: '1.0', scp: 'access_as_user' },
    ...{ appid: 'b2b4e0ab-7b0f-4d8c-a7f2-1c9d9a5b8d5c', appidacr: '0', oid: OBJECT_ID, tid: TENANT },
    ...{ upn: 'abeli@example.com', unique_name: 'abeli@example.com', sub: 'hkE8' },
  };
  return {
    issuer,
    audience: `api://${API_CLIENT}`,
    claims,
    header: { typ: 'JWT', x5t: 'nOo3ZDrODXEK1jKWhXslHR_KXEg' },
  };
}

/** An access token of a custom authorization server. */
export function okta(times: Times): VendorToken {
  const issuer = 'https://example.okta.com/oauth2/default';
  const claims = {
    ...{ ver: 1, jti: 'AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE', iss: issuer, aud: 'api://gatehouse', ...times },
    ...{ cid: '0oa5yq1ml0WkmQyVh5d7', uid: '00u5yq1ml0abcdefgh5d7', scp: ['openid', 'llm'], auth_time: times.iat },
    ...{ sub: 'abeli@example.com', groups: ['Everyone', 'Engineering'] },
  };
  return { issuer, audience: 'api://gatehouse', claims, header: { typ: undefined } };
}

export function auth0(times: Times): VendorToken {
  const issuer = 'https://example.eu.auth0.com/';
  const claims = {
    ...{
      iss: issuer,
      sub: 'auth0|5f7c8ec7c33c6c004bbafe82',
      aud: ['https://gatehouse', `${issuer}userinfo`],
      ...times,
    },
    ...{ azp: 'my_client_id', scope: 'openid profile email', 'https://example.com/email': 'abeli@example.com' },
  };
  return { issuer, audience: 'https://gatehouse', claims, header: { typ: 'JWT' } };
}

export function keycloak(times: Times): VendorToken {
  const issuer = 'https://id.example.com/realms/acme';
  const claims = {
    ...{ ...times, jti: 'onrtac:1', iss: issuer, aud: ['gatehouse', 'account'], typ: 'Bearer', azp: 'ide', sid: 's' },
    ...{ sub: 'f1a2b3c4-0000-4000-8000-000000000001', acr: '1', scope: 'openid email profile', email_verified: true },
    ...{ realm_access: { roles: ['offline_access', 'engineer'] }, resource_access: { ide: { roles: ['user'] } } },
    ...{ name: 'Abe Lincoln', preferred_username: 'abeli', email: 'abeli@example.com' },
  };
  return { issuer, audience: 'gatehouse', claims, header: { typ: 'JWT' } };
}

/** An ID token: Google's access tokens are opaque. */
export function google(times: Times): VendorToken {
  const issuer = 'https://accounts.google.com';
  const client = '123456789-abc.apps.googleusercontent.com';
  const claims = {
    ...{ iss: issuer, azp: client, aud: client, sub: '110169484474386276334', hd: 'example.com', ...times },
    ...{ email: 'abeli@example.com', email_verified: true, name: 'Abe Lincoln' },
  };
  return { issuer, audience: client, claims, header: { typ: 'JWT' } };
}

export function githubActions(times: Times): VendorToken {
  const issuer = 'https://token.actions.githubusercontent.com';
  const claims = {
    ...{ jti: 'example-id', sub: 'repo:octo-org/octo-repo:ref:refs/heads/main', aud: 'gatehouse', iss: issuer },
    ...{ ref: 'refs/heads/main', repository: 'octo-org/octo-repo', repository_owner: 'octo-org', actor: 'octocat' },
    ...{
      repository_owner_id: '65',
      repository_id: '74',
      run_id: '1',
      event_name: 'push',
      nbf: times.iat - 600,
      ...times,
    },
  };
  return { issuer, audience: 'gatehouse', claims, header: { typ: 'JWT', x5t: 'example-thumbprint' } };
}

export function kubernetes(times: Times): VendorToken {
  const issuer = 'https://kubernetes.default.svc.cluster.local';
  const claims = {
    ...{ aud: ['gatehouse'], iss: issuer, nbf: times.iat, ...times, sub: 'system:serviceaccount:builds:runner' },
    'kubernetes.io': {
      namespace: 'builds',
      pod: { name: 'p', uid: 'u' },
      serviceaccount: { name: 'runner', uid: 'v' },
    },
  };
  return { issuer, audience: 'gatehouse', claims, header: { typ: undefined } };
}

export function gitlab(times: Times): VendorToken {
  const issuer = 'https://gitlab.com';
  const claims = {
    ...{ namespace_id: '72', namespace_path: 'my-group', project_id: '20', project_path: 'my-group/my-project' },
    ...{
      iss: issuer,
      aud: 'gatehouse',
      nbf: times.iat - 5,
      ...times,
      sub: 'project_path:my-group/my-project:ref_type:branch:ref:main',
    },
  };
  return { issuer, audience: 'gatehouse', claims, header: { typ: 'JWT' } };
}
