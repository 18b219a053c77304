/** Users that their directory deactivates or deletes lose access immediately, with every credential. */
import { computeTokenDigest } from '../../../src/platform/crypto/token-digest.js';
import { mintToken } from '../../../src/platform/crypto/token-mint.js';
import { createId } from '../../../src/platform/ids.js';
import { ControlledResponses } from '../../support/providers/controlled-responses.js';
import { OAuthDriver, type Person } from '../../support/oauth/oauth-driver.js';
import { headingOf, type PageBrowser } from '../../support/oauth/page-browser.js';
import { respondAsVendors, familyOf, startStage, type Stage } from '../../support/gateway/stage.js';
import type { OpenResponse } from '../../support/http/wire-client.js';

const openai = familyOf('openai');
const FIRST = 'data: {"choices":[{"index":0,"delta":{"content":"Hel"}}]}\n\n';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

let stage: Stage;
let oauth: OAuthDriver;

beforeAll(async () => {
  stage = await startStage();
  oauth = new OAuthDriver(stage.gateway.url);
});
beforeEach(() => respondAsVendors(stage.fake));
afterAll(() => stage.close());

interface Worker extends Person {
  id: string;
  /** `llm_ut_…` */
  accessToken: string;
  refresh(): Promise<number>;
  virtualKey: string;
  apiKey: string;
  browser: PageBrowser;
}

/**
 * Creates a user by the directory, with one credential of each kind. The user is also invited: this test signs in by
 * the form.
 */
async function worker(): Promise<Worker> {
  const { admin } = stage.gateway;
  const person = { email: `${createId<string>()}@example.com`, password: 'a password that is long' };
  const { id } = (await admin.create('/scim/v2/Users', { userName: person.email, active: true })) as { id: string };
  const { invitationUrl } = (await admin.post(`/api/users/${id}/invite`)).body as { invitationUrl: string };
  const browser = oauth.browser();
  await browser.submit(await browser.go(invitationUrl), { password: person.password });
  const { clientId, tokens } = await oauth.userTokens({ person, browser });
  const apiKey = mintToken('arch_api_').expose();
  await stage.sql(
    `INSERT INTO admin_api_key (id, organization_id, user_id, name, digest, token_start, scopes)
     VALUES ($1, $2, $3, 'theirs', $4, 'arch_api_', '{admin:read,admin:write}')`,
    [createId(), stage.organizationId, id, computeTokenDigest(apiKey)],
  );
  const virtualKey = (await stage.virtualKey({ scope: 'personal' }, admin.as(apiKey))).value;
  const refresh = async () => (await oauth.refresh(clientId, tokens.refresh_token as string)).status;
  return { id, ...person, accessToken: tokens.access_token as string, refresh, virtualKey, apiKey, browser };
}

const statuses = async ({ accessToken, virtualKey, apiKey, browser }: Worker) => {
  const call = async (credential: string) =>
    (await stage.chat(openai, [['authorization', `Bearer ${credential}`]])).status;
  return {
    accessToken: await call(accessToken),
    virtualKey: await call(virtualKey),
    apiKey: (await stage.gateway.admin.as(apiKey).get('/api/me')).status,
    browserOnAdminApi: (await browser.request('/api/me')).status,
    account: headingOf((await browser.go('/account')).html),
  };
};

const IN = { accessToken: 200, virtualKey: 200, apiKey: 200, browserOnAdminApi: 200, account: 'Your account' };
const OUT = { accessToken: 401, virtualKey: 401, apiKey: 401, browserOnAdminApi: 401, account: 'Sign in' };

/** A stream that has begun. */
async function streamOf(credential: string): Promise<OpenResponse> {
  const held = new ControlledResponses();
  stage.fake.on('POST', openai.upstreamPath, held.respond);
  const asked = stage.wire.open(
    'POST',
    `/v1/openai/${openai.path}`,
    [
      ['content-type', 'application/json'],
      ['authorization', `Bearer ${credential}`],
    ],
    JSON.stringify({ ...(JSON.parse(openai.body) as object), stream: true }),
  );
  const { response } = await held.next();
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(FIRST);
  const answer = await asked;
  await answer.until(FIRST.trim());
  return answer;
}

const scim = (method: string, id: string, body?: object) =>
  stage.gateway.admin.call(method, `/scim/v2/Users/${id}`, body, { 'content-type': 'application/scim+json' });
const patch = (id: string, value: unknown) =>
  scim('PATCH', id, { schemas: [PATCH], Operations: [{ op: 'Replace', path: 'active', value }] });

describe.each<[string, (id: string, email: string) => Promise<{ status: number }>, number]>([
  ['deactivated by PATCH', (id) => patch(id, 'False'), 200],
  ['deactivated by PUT', (id, userName) => scim('PUT', id, { userName, active: false }), 200],
  ['deleted', (id) => scim('DELETE', id), 204],
])('a user who is %s', (_, end, status) => {
  it('a deprovisioned user loses tokens, keys and sessions immediately', async () => {
    const leaver = await worker();
    const colleague = await worker();
    expect(await statuses(leaver)).toEqual(IN);
    expect((await end(leaver.id, leaver.email)).status).toBe(status);
    expect(await statuses(leaver)).toEqual(OUT);
    expect(await leaver.refresh()).toBe(400);
    expect(await statuses(colleague)).toEqual(IN);
  });

  it('open streams of a deprovisioned user are cut', async () => {
    const leaver = await worker();
    const answers = [await streamOf(leaver.accessToken), await streamOf(leaver.virtualKey)];
    await end(leaver.id, leaver.email);
    for (const answer of answers) {
      const { complete, text } = await answer.ended;
      expect(complete).toBe(true);
      expect(text).toContain('credential_invalid');
      expect(text).not.toContain('[DONE]');
    }
  });
});

it('a reactivated user must sign in again, but keeps virtual and API keys', async () => {
  const leaver = await worker();
  await patch(leaver.id, false);
  expect((await patch(leaver.id, true)).status).toBe(200);
  expect(await statuses(leaver)).toEqual({ ...OUT, virtualKey: 200, apiKey: 200 });
});

it('a user who was created inactive cannot be invited', async () => {
  const userName = `${createId<string>()}@example.com`;
  const { id } = (await stage.gateway.admin.create('/scim/v2/Users', { userName, active: false })) as { id: string };
  expect((await stage.gateway.admin.post(`/api/users/${id}/invite`)).status).toBe(409);
});
