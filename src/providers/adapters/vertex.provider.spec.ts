import { generateKeyPairSync } from 'node:crypto';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import { Secret } from '../../platform/crypto/secret.js';
import { findDialect } from '../dialect-at.js';
import { googleTokenGrant } from '../credentials/google-token-grant.js';
import { findRoute } from '../routes/match.js';
import { vertex } from './vertex.provider.js';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PEM = privateKey.export({ type: 'pkcs8', format: 'pem' });

const ACCOUNT = {
  type: 'service_account',
  project_id: 'p',
  private_key_id: 'c0ffee0123456789',
  private_key: PEM,
  client_email: 'gateway@p.iam.gserviceaccount.com',
  token_uri: 'https://oauth2.googleapis.com/token',
};
const USER = {
  type: 'authorized_user',
  client_id: 'id',
  client_secret: 'cs',
  refresh_token: '1//refresh-token',
  quota_project_id: 'payer',
};

const secretOf = (file: object | string): Secret => new Secret(typeof file === 'string' ? file : JSON.stringify(file));

describe('the paths of Vertex AI', () => {
  const google = 'publishers/google/models/';
  const claude = 'publishers/anthropic/models/';

  it.each([
    [`${google}gemini-2.5-flash:generateContent`, 'generate_content', 'inference', 'gemini-2.5-flash', 'gemini'],
    [`${google}gemini-2.5-flash:streamGenerateContent`, 'generate_content', 'inference', 'gemini-2.5-flash', 'gemini'],
    [`${google}gemini-2.5-flash:countTokens`, 'count_tokens', 'token_counting', 'gemini-2.5-flash', 'gemini'],
    [`${google}text-embedding-005:predict`, 'embeddings', 'inference', 'text-embedding-005', 'gemini'],
    [`${google}imagen-4.0-generate-001:predict`, 'images', 'images', null, 'gemini'],
    [`${claude}claude-opus-5@20260801:rawPredict`, 'chat', 'inference', 'claude-opus-5@20260801', 'anthropic'],
    [`${claude}claude-opus-5%4020260801:rawPredict`, 'chat', 'inference', 'claude-opus-5@20260801', 'anthropic'],
    [`${claude}claude-opus-5:streamRawPredict`, 'chat', 'inference', 'claude-opus-5', 'anthropic'],
    [`${claude}count-tokens:rawPredict`, 'count_tokens', 'token_counting', null, 'anthropic'],
    ['publishers/meta/models/llama:rawPredict', 'other', 'other', null, 'gemini'],
    ['publishers/google/models/../../endpoints:predict', 'ambiguous_path', 'administration', null, 'gemini'],
    ['endpoints/7:predict', 'administration', 'administration', null, 'gemini'],
    ['projects/other/locations/l/endpoints', 'administration', 'administration', null, 'gemini'],
    ['batchPredictionJobs', 'batches', 'batches', null, 'gemini'],
  ])('the Vertex path %s has operation %s and route class %s', (path, operation, kind, model, dialect) => {
    const { rule, pathModel } = findRoute(vertex, 'POST', path);
    expect([rule.operation, rule.class, pathModel]).toEqual([operation, kind, model]);
    expect(findDialect(vertex, path).id).toBe(dialect);
    expect(findDialect(vertex, `/v1/vertex/${path}`).id).toBe(dialect);
  });

  it('the base URL of Vertex AI may end with the publisher', () => {
    const base = 'https://europe-west4-aiplatform.googleapis.com/v1/projects/p/locations/europe-west4';
    for (const url of [base, `${base}/publishers/google`, `${base}/publishers/anthropic/`])
      expect(vertex.normalizeBaseUrl!(url)).toBe(base);
  });
});

describe('stored keys for Vertex AI', () => {
  it.each([
    ['a service account', ACCOUNT],
    ['a service account without token_uri', { ...ACCOUNT, token_uri: undefined }],
    ['an authorized_user file', USER],
    ['an API key', 'AIzaSy-not-a-real-one'],
    ['an access token', 'ya29.a0-token'],
  ])('a Vertex key may be %s', (_name, file) => {
    expect(vertex.findSecretProblem!(secretOf(file))).toBeNull();
  });

  it.each([
    ['truncated JSON', '{"type": "service_account", "private_k', 'cannot be read'],
    ['an account without a key', { ...ACCOUNT, private_key: undefined }, 'lacks private_key'],
    ['an account with a broken key', { ...ACCOUNT, private_key: 'secret-bytes' }, 'not an RSA key'],
    ['a user without a token', { ...USER, refresh_token: '' }, 'lacks refresh_token'],
    ['a file with an invalid token_uri', { ...ACCOUNT, token_uri: 'nowhere' }, 'token_uri'],
    ['of another kind', { type: 'external_account', audience: 'x' }, 'service account'],
    ['text with white space', 'not a key', 'JSON key file'],
  ])('a Vertex key that is %s is refused without being quoted', (_name, file, says) => {
    const problem = vertex.findSecretProblem!(secretOf(file));
    expect(problem).toContain(says);
    expect(problem).not.toContain('secret-bytes');
  });

  it('a Vertex key is recognized by the end of its key id or token', () => {
    expect(vertex.readLast4!(secretOf(ACCOUNT))).toBe('6789');
    expect(vertex.readLast4!(secretOf(USER))).toBe('oken');
    expect(vertex.readLast4!(secretOf('AIzaSy-not-a-real-one'))).toBe('-one');
  });

  it('a Vertex key file is never sent in a request', () => {
    const request = { origin: 'https://x.test', method: 'POST', path: '/', headers: [], body: null };
    expect(() => vertex.authorize(request, secretOf(ACCOUNT))).toThrow();
    expect(request.headers).toEqual([]);
  });
});

describe("RFC 7523 and RFC 6749: Google's token request", () => {
  const now = Math.floor(Date.now() / 1000);

  it('a service account buys a token with a JWT assertion signed for its token endpoint', async () => {
    const { url, form } = await googleTokenGrant.request(secretOf(ACCOUNT), now);
    const fields = new URLSearchParams(form);
    expect(url).toBe(ACCOUNT.token_uri);
    expect(fields.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
    const assertion = fields.get('assertion')!;
    expect(decodeProtectedHeader(assertion)).toEqual({ alg: 'RS256', typ: 'JWT', kid: ACCOUNT.private_key_id });
    const { payload } = await jwtVerify(assertion, publicKey, { audience: ACCOUNT.token_uri });
    expect(payload).toEqual({
      iss: ACCOUNT.client_email,
      scope: 'https://www.googleapis.com/auth/cloud-platform',
      aud: ACCOUNT.token_uri,
      iat: now,
      exp: now + 3600,
    });
  });

  it('a user buys a token with a refresh token', async () => {
    const { url, form, headers } = await googleTokenGrant.request(secretOf(USER), now);
    expect(headers).toEqual(['x-goog-user-project', 'payer']);
    expect(url).toBe('https://oauth2.googleapis.com/token');
    expect(Object.fromEntries(new URLSearchParams(form))).toEqual({
      grant_type: 'refresh_token',
      client_id: 'id',
      client_secret: 'cs',
      refresh_token: '1//refresh-token',
    });
  });
});
