/** All surfaces of a gateway, one call each, for checking all of them during a failure. */
import { readFileSync } from 'node:fs';
import { json } from '../providers/fake-provider.js';
import type { Json } from '../http/admin-client.js';
import { basic, newPkce, OAuthDriver, REDIRECT_URI } from '../oauth/oauth-driver.js';
import { formOf } from '../oauth/page-browser.js';
import { bodyOf, NO_ID, pathOf } from '../http/openapi-values.js';
import { FAMILIES, type Stage } from '../gateway/stage.js';

export interface SurfaceResponse {
  status: number;
  headers: Headers;
  text: string;
}

export type Shape = 'openai' | 'anthropic' | 'gemini' | 'cohere' | 'bedrock' | 'problem' | 'scim' | 'oauth' | 'page';

export interface Surface {
  name: string;
  /** The format of its errors. */
  shape: Shape;
  /** `llm`: known callers may be served from memory. `static`: has no dependency. */
  kind: 'llm' | 'admin' | 'other' | 'static';
  call: () => Promise<SurfaceResponse>;
}

const MESSAGES = [{ role: 'user', content: 'Say hello.' }];

const recorded = (file: string): Buffer => readFileSync(new URL(`../../fixtures/wire/openai/${file}`, import.meta.url));

/** Creates what the calls need; the database must be available. */
export async function surfacesOf(stage: Stage): Promise<Surface[]> {
  const { url, admin, adminKey } = stage.gateway;
  const fetched = async (method: string, path: string, init: RequestInit = {}): Promise<SurfaceResponse> => {
    const response = await fetch(url + path, { method, redirect: 'manual', ...init });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  return [
    ...(await llmSurfaces()),
    ...(await adminSurfaces()),
    ...scimSurfaces(),
    ...(await oauthSurfaces()),
    ...(await pageSurfaces()),
    ...staticSurfaces(),
  ];

  async function llmSurfaces(): Promise<Surface[]> {
    stage.fake.on('GET', '/v1/models', json(200, recorded('models.json')));
    stage.fake.on('POST', '/v1/responses', json(200, recorded('responses.json')));
    const virtualKey = (await stage.virtualKey()).value;
    const application = await admin.create('/api/llm-oauth-clients', {
      name: 'service',
      grantType: 'client_credentials',
      allowedLlmProxyIds: [stage.defaultProxyId],
      providerApiKeys: [{ provider: 'openai', providerApiKeyId: stage.providerKeyIds.openai }],
    });
    const driver = new OAuthDriver(url);
    const llmAt = (await driver.clientToken(application)).body.access_token as string;
    const { tokens } = await driver.userTokens();
    await admin.create('/api/model-aliases', {
      name: 'fast',
      targets: [{ model: 'openai:gpt-5.4' }, { model: 'anthropic:claude-sonnet-4-5' }],
    });
    const surface = (name: string, shape: Shape, path: string, body: object | null, credential: string): Surface => ({
      name,
      shape,
      kind: 'llm',
      call: () =>
        fetched(body ? 'POST' : 'GET', path, {
          headers: {
            authorization: `Bearer ${credential}`,
            ...(shape === 'anthropic' ? { 'anthropic-version': '2023-06-01' } : {}),
            ...(body ? { 'content-type': 'application/json' } : {}),
          },
          ...(body ? { body: JSON.stringify(body) } : {}),
        }),
    });
    const router = '/v1/model-router';
    const chat = { model: 'openai:gpt-5.4', messages: MESSAGES };
    const openaiBody = { model: 'gpt-5.4', messages: MESSAGES };
    const inProxy = `/v1/openai/${stage.defaultProxyId}/chat/completions`;
    return [
      ...FAMILIES.map(({ id, path, body }) =>
        surface(`route ${id}`, id, `/v1/${id}/${path}`, JSON.parse(body) as object, virtualKey),
      ),
      surface('route bedrock', 'bedrock', '/v1/bedrock/model/m/converse', { messages: [] }, virtualKey),
      surface('route with a proxy id', 'openai', inProxy, openaiBody, virtualKey),
      surface('route by llm_at_', 'openai', inProxy, openaiBody, llmAt),
      surface('route by llm_ut_', 'openai', '/v1/openai/chat/completions', openaiBody, tokens.access_token as string),
      surface('route by an own key', 'openai', '/v1/openai/chat/completions', openaiBody, 'sk-own-0123456789'),
      surface('route models', 'openai', '/v1/openai/models', null, virtualKey),
      surface('router chat', 'openai', `${router}/chat/completions`, chat, virtualKey),
      surface('router alias', 'openai', `${router}/chat/completions`, { ...chat, model: 'fast' }, virtualKey),
      surface('router chat by llm_at_', 'openai', `${router}/${stage.defaultProxyId}/chat/completions`, chat, llmAt),
      surface('router chat by llm_ut_', 'openai', `${router}/chat/completions`, chat, tokens.access_token as string),
      surface('router responses', 'openai', `${router}/responses`, { model: 'fast', input: 'Hello' }, virtualKey),
      surface(
        'router messages',
        'anthropic',
        `${router}/v1/messages`,
        { model: 'anthropic:claude-sonnet-4-5', max_tokens: 9, messages: MESSAGES },
        virtualKey,
      ),
      surface('router models', 'openai', `${router}/models`, null, virtualKey),
    ];
  }

  async function adminSurfaces(): Promise<Surface[]> {
    const document = (await admin.get('/api/docs/openapi.json')).body;
    return Object.entries<Json>(document.paths)
      .filter(([path]) => path.startsWith('/api/'))
      .flatMap(([path, methods]) =>
        Object.entries<Json>(methods).map(([method, operation]): Surface => {
          const body = bodyOf(operation, document);
          return {
            name: `${method.toUpperCase()} ${path}`,
            shape: 'problem',
            kind: 'admin',
            call: () =>
              fetched(method.toUpperCase(), pathOf(path, operation, document), {
                headers: {
                  authorization: `Bearer ${adminKey}`,
                  ...(body === undefined ? {} : { 'content-type': 'application/json' }),
                },
                ...(body === undefined ? {} : { body: JSON.stringify(body) }),
              }),
          };
        }),
      );
  }

  function scimSurfaces(): Surface[] {
    const schemas = ['urn:ietf:params:scim:schemas:core:2.0:User'];
    const patch = {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'replace', path: 'active', value: false }],
    };
    const surface = (method: string, path: string, body?: object): Surface => ({
      name: `${method} /scim/v2/${path}`,
      shape: 'scim',
      kind: 'admin',
      call: () =>
        fetched(method, `/scim/v2/${path}`, {
          headers: {
            authorization: `Bearer ${adminKey}`,
            ...(body ? { 'content-type': 'application/scim+json' } : {}),
          },
          ...(body ? { body: JSON.stringify(body) } : {}),
        }),
    });
    return [
      surface('GET', 'Users'),
      surface('GET', `Users?filter=${encodeURIComponent('userName eq "a@example.com"')}`),
      surface('POST', 'Users', { schemas, userName: 'new@example.com' }),
      surface('PUT', `Users/${NO_ID}`, { schemas, userName: 'new@example.com' }),
      surface('PATCH', `Users/${NO_ID}`, patch),
      surface('DELETE', `Users/${NO_ID}`),
      surface('GET', 'Groups'),
      surface('POST', 'Groups', {
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
        displayName: 'Engineers',
      }),
    ];
  }

  async function oauthSurfaces(): Promise<Surface[]> {
    const driver = new OAuthDriver(url);
    const confidential = await admin.create('/api/llm-oauth-clients', {
      name: 'confidential',
      grantType: 'client_credentials',
      providerApiKeys: [],
    });
    const authorization = basic(confidential.clientId as string, confidential.clientSecret as string);
    const { clientId, tokens } = await driver.userTokens();
    // Sent more than once, which ends the grant.
    const refreshed = await driver.userTokens();
    const form = (endpoint: string, fields: Record<string, string>, headers: Record<string, string> = {}): Surface => ({
      name: `POST ${endpoint}${fields.grant_type ? ` ${fields.grant_type}` : ''}`,
      shape: 'oauth',
      kind: 'other',
      call: () =>
        fetched('POST', `/api/auth/oauth2/${endpoint}`, {
          headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
          body: new URLSearchParams(fields),
        }),
    });
    const token = (grantType: string, fields: Record<string, string>, headers = {}): Surface =>
      form('token', { grant_type: grantType, ...fields }, headers);
    const authorize = driver.authorizeUrl(clientId, newPkce());
    const pushed = Object.fromEntries(authorize.searchParams);
    return [
      token('client_credentials', {}, authorization),
      token('authorization_code', {
        client_id: clientId,
        code: 'x'.repeat(43),
        redirect_uri: REDIRECT_URI,
        code_verifier: 'v'.repeat(43),
      }),
      token('refresh_token', {
        client_id: refreshed.clientId,
        refresh_token: refreshed.tokens.refresh_token as string,
      }),
      token('urn:ietf:params:oauth:grant-type:device_code', { client_id: clientId, device_code: 'x'.repeat(43) }),
      form('introspect', { token: tokens.access_token as string }, authorization),
      form('revoke', { client_id: clientId, token: 'llm_ut_x' }),
      form('device', { client_id: clientId, scope: 'llm:proxy' }),
      form('par', pushed),
      {
        name: 'POST register',
        shape: 'oauth',
        kind: 'other',
        call: () =>
          fetched('POST', '/api/auth/oauth2/register', {
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({
              client_name: 'An app',
              redirect_uris: [REDIRECT_URI],
              token_endpoint_auth_method: 'none',
            }),
          }),
      },
      {
        name: 'GET userinfo',
        shape: 'oauth',
        kind: 'other',
        call: () =>
          fetched('GET', '/api/auth/oauth2/userinfo', {
            headers: { authorization: `Bearer ${tokens.access_token as string}` },
          }),
      },
      {
        name: 'GET authorize as a program',
        shape: 'oauth',
        kind: 'other',
        call: () => fetched('GET', authorize.pathname + authorize.search, { headers: { accept: 'application/json' } }),
      },
    ];
  }

  async function pageSurfaces(): Promise<Surface[]> {
    const driver = new OAuthDriver(url);
    const { clientId } = await driver.userTokens();
    // Consent was given with the tokens: it is requested again.
    const authorize = driver.authorizeUrl(clientId, newPkce(), { prompt: 'consent' });
    // One browser in the middle of signing in, one signed in and at the consent page.
    const arriving = driver.browser();
    const signIn = await arriving.go(authorize);
    const asked = driver.browser();
    const consent = await asked.submit(await asked.go(authorize), {
      email: 'owner@example.com',
      password: 'correct horse battery staple',
    });
    const page = (method: string, path: string, browser: typeof arriving, form?: Record<string, string>): Surface => ({
      name: `${method} ${path.replace(/[?].*/, '').replace(/[\w-]{21,}/, '{uid}')} as a page`,
      shape: 'page',
      kind: 'other',
      call: async () => {
        const response = await browser.request(path, form);
        return { status: response.status, headers: response.headers, text: await response.text() };
      },
    });
    const invited: Json = await admin.create('/api/users', {
      email: 'invited@example.com',
      name: 'Invited',
      role: 'member',
    });
    const invitation = driver.browser();
    const set = await invitation.go(invited.invitationUrl as string);
    const credentials = { email: 'owner@example.com', password: 'correct horse battery staple' };
    return [
      page('GET', authorize.pathname + authorize.search, arriving),
      page('GET', signIn.url.pathname, arriving),
      page('POST', signIn.url.pathname, arriving, credentials),
      page('GET', consent.url.pathname, asked),
      page('POST', consent.url.pathname, asked, { decision: 'allow' }),
      page('GET', set.url.pathname + set.url.search, invitation),
      page('POST', set.url.pathname + set.url.search, invitation, {
        ...formOf(set.html).hidden,
        password: 'correct horse battery staple',
      }),
      page('GET', '/account', asked),
      page('GET', '/device', asked),
      page('GET', '/api/auth/oauth2/end-session', asked),
    ];
  }

  function staticSurfaces(): Surface[] {
    const surface = (path: string): Surface => ({
      name: `GET ${path}`,
      shape: 'problem',
      kind: 'static',
      call: () => fetched('GET', path),
    });
    return [
      '/livez',
      '/api/docs',
      '/api/docs/openapi.json',
      '/api/docs/errors',
      '/api/docs/errors/not_found',
      '/api/auth/jwks',
      '/.well-known/openid-configuration',
      '/.well-known/oauth-authorization-server',
      '/.well-known/oauth-protected-resource',
      '/auth/pages.css',
    ].map(surface);
  }
}

/** Returns what is wrong with a response that should report an unavailable dependency; null: nothing. */
export function faultOf(shape: Shape, { status, headers, text }: SurfaceResponse): string | null {
  if (status !== 503) return `status ${status}: ${text.slice(0, 200)}`;
  if (!(Number(headers.get('retry-after')) >= 1)) return 'no retry-after';
  if (/ECONN|terminated|QueryFailed|typeorm|SELECT |INSERT |postgres|ioredis|127\.0\.0\.1:/i.test(text))
    return `internals: ${text.slice(0, 300)}`;
  if (shape === 'page')
    return /^text\/html/.test(headers.get('content-type') ?? '') && text.includes('<h1') ? null : 'not a page';
  const json = parsed(text);
  const code = headers.get('x-gateway-error');
  const isRight = {
    openai: () => json.error.code === CODE && json.error.type === 'server_error',
    anthropic: () => json.type === 'error' && json.error.type === 'api_error' && code === CODE,
    gemini: () => json.error.status === 'UNAVAILABLE' && code === CODE,
    cohere: () => typeof json.message === 'string' && code === CODE,
    bedrock: () => typeof json.message === 'string' && code === CODE && headers.has('x-amzn-errortype'),
    problem: () => json.code === CODE && /^application\/problem\+json/.test(headers.get('content-type') ?? ''),
    scim: () => json.status === '503' && /^application\/scim\+json/.test(headers.get('content-type') ?? ''),
    oauth: () => json.error === CODE && typeof json.error_description === 'string',
  }[shape];
  return json && isRight() ? null : `not the shape ${shape}: ${text.slice(0, 300)}`;
}

const CODE = 'temporarily_unavailable';

function parsed(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
