/**
 * The authorization server's endpoints (form bodies) and SCIM (JSON bodies, filters), as clients send them, and
 * mutated.
 */
import fc from 'fast-check';
import type { Json } from '../support/http/admin-client.js';
import { NO_ID } from '../support/http/openapi-values.js';
import { brokenBody, mutated, oddText } from './odd-values.js';
import { encoded, inUrl, type Step } from './steps.js';

export interface OAuthFuzzClient {
  clientId: string;
  clientSecret: string;
  redirectUri: string;
}

const OAUTH_STATUSES = [200, 201, 302, 303, 400, 401, 403, 404, 429];
const SCIM_STATUSES = [200, 201, 204, 400, 401, 403, 404, 409, 412, 413, 501];

export function oauthSteps({ clientId, clientSecret, redirectUri }: OAuthFuzzClient): fc.Arbitrary<Step> {
  const own = { client_id: clientId, client_secret: clientSecret };
  const challenge = { code_challenge: 'x'.repeat(43), code_challenge_method: 'S256' };
  const asked = {
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'llm:proxy',
    ...challenge,
  };
  const forms: readonly [endpoint: string, fields: Record<string, string>][] = [
    ['token', { ...own, grant_type: 'client_credentials', resource: 'https://gateway.example/v1' }],
    ['token', { ...own, grant_type: 'refresh_token', refresh_token: 'x'.repeat(43) }],
    [
      'token',
      {
        ...own,
        grant_type: 'authorization_code',
        code: 'x'.repeat(43),
        redirect_uri: redirectUri,
        code_verifier: 'v'.repeat(43),
      },
    ],
    ['token', { ...own, grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code: 'x'.repeat(43) }],
    [
      'token',
      {
        ...own,
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: 'x.y.z',
        subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      },
    ],
    ['introspect', { ...own, token: 'llm_at_x', token_type_hint: 'access_token' }],
    ['revoke', { ...own, token: 'llm_ut_x' }],
    ['device', { ...own, scope: 'llm:proxy' }],
    ['par', { ...own, ...asked }],
    ['authorize', { ...asked, state: 's', prompt: 'none' }],
    ['end-session', { client_id: clientId, post_logout_redirect_uri: redirectUri, id_token_hint: 'x.y.z', state: 's' }],
  ];
  const registration = {
    client_name: 'An app',
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    scope: 'llm:proxy',
  };
  const form = fc.constantFrom(...forms).chain(([endpoint, fields]) =>
    fc.tuple(mutated(fc.constant<Json>(fields)), fc.boolean(), oddText).map(([changed, inQuery, odd]) => {
      const body = formOf(changed, odd);
      const isGet = inQuery && ['authorize', 'end-session'].includes(endpoint);
      return step(
        isGet ? 'GET' : 'POST',
        `${endpoint}${isGet ? `?${body.slice(0, 6_000)}` : ''}`,
        isGet ? undefined : body,
      );
    }),
  );
  const register = fc
    .oneof(
      { weight: 6, arbitrary: mutated(fc.constant<Json>(registration)).map(encoded) },
      { weight: 1, arbitrary: brokenBody },
    )
    .map((body) => ({ ...step('POST', 'register', ''), headers: { 'content-type': 'application/json' }, body }));
  return fc.oneof({ weight: 5, arbitrary: form }, { weight: 2, arbitrary: register });

  function step(method: string, endpoint: string, body: string | undefined): Step {
    return {
      title: `${method} ${endpoint.replace(/[?].*/, '')}`,
      shape: 'oauth',
      method,
      path: `/api/auth/oauth2/${endpoint}`,
      headers: body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' },
      body: body === undefined ? undefined : new TextEncoder().encode(body),
      statuses: OAUTH_STATUSES,
    };
  }
}

/** Some members occur twice, or have a value that is not text. */
function formOf(fields: Json, odd: string): string {
  if (typeof fields !== 'object' || fields === null) return `${inUrl(odd)}=${inUrl(String(fields))}`;
  return Object.entries<Json>(fields)
    .map(
      ([name, value]) => `${inUrl(name)}=${inUrl(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))}`,
    )
    .join('&');
}

export function scimSteps(adminKey: string): fc.Arbitrary<Step> {
  const core = 'urn:ietf:params:scim:schemas:core:2.0';
  const user: Json = {
    schemas: [`${core}:User`],
    userName: 'fuzz@example.com',
    externalId: 'x-1',
    name: { givenName: 'Ada', familyName: 'Lovelace' },
    emails: [{ value: 'fuzz@example.com', primary: true, type: 'work' }],
    active: true,
  };
  const group: Json = { schemas: [`${core}:Group`], displayName: 'Engineers', members: [{ value: NO_ID }] };
  const patch = (operations: Json): Json => ({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: operations,
  });
  const userPatch = patch([
    { op: 'replace', path: 'emails[type eq "work"].value', value: 'a@example.com' },
    { op: 'add', value: { name: { givenName: 'Grace' } } },
  ]);
  const groupPatch = patch([{ op: 'remove', path: `members[value eq "${NO_ID}"]` }]);
  const calls: readonly [method: string, path: string, body: Json][] = [
    ['POST', 'Users', user],
    ['PUT', `Users/${NO_ID}`, user],
    ['PATCH', `Users/${NO_ID}`, userPatch],
    ['POST', 'Groups', group],
    ['PUT', `Groups/${NO_ID}`, group],
    ['PATCH', `Groups/${NO_ID}`, groupPatch],
    ['POST', 'Bulk', { Operations: [] }],
    ['GET', 'ServiceProviderConfig', undefined],
    ['GET', 'Schemas', undefined],
  ];
  const withBody = fc.constantFrom(...calls).chain(([method, path, base]) => {
    const body = base === undefined ? fc.constant(undefined) : mutated(fc.constant(base)).map(encoded);
    return body.map((bytes) => step(method, path, bytes));
  });
  const filter = fc.oneof(
    oddText,
    fc
      .tuple(
        fc.constantFrom('userName', 'emails.value', 'externalId', 'meta.created', 'x[y'),
        fc.constantFrom('eq', 'co', 'gt', 'pr', 'zz'),
        oddText,
      )
      .map(([attribute, operator, value]) => `${attribute} ${operator} ${JSON.stringify(value)}`),
    fc.integer({ min: 1, max: 3000 }).map((depth) => `${'('.repeat(depth)}userName pr${')'.repeat(depth)}`),
  );
  const listing = fc
    .tuple(fc.constantFrom('Users', 'Groups'), filter, oddText, oddText)
    .map(([path, text, count, sort]) =>
      step(
        'GET',
        `${path}?filter=${inUrl(text)}&count=${inUrl(count)}&sortBy=${inUrl(sort)}&startIndex=${inUrl(count)}`,
        undefined,
      ),
    );
  const single = fc
    .tuple(fc.constantFrom('GET', 'DELETE'), oddText)
    .map(([method, id]) => step(method, `Users/${inUrl(id)}`, undefined));
  return fc.oneof(withBody, withBody, listing, single);

  function step(method: string, path: string, body: Uint8Array | undefined): Step {
    return {
      title: `${method} /scim/v2/${path.replace(/[?].*/, '')}`,
      shape: 'scim',
      method,
      path: `/scim/v2/${path}`,
      headers: {
        authorization: `Bearer ${adminKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/scim+json' }),
      },
      body,
      statuses: SCIM_STATUSES,
    };
  }
}
