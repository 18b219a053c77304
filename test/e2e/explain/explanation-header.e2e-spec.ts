/** `x-gateway-explain: 1`: the response to a call explains itself, to authorized callers. */
import type { Json } from '../../support/http/admin-client.js';
import { LibraryApps } from '../../support/oauth/openid-client-app.js';
import { everythingSent, fromAnyone, startStage, type Stage } from '../../support/gateway/stage.js';
import type { HeaderList, WireResponse } from '../../support/http/wire-client.js';

const ASKED = ['x-gateway-explain', '1'] as const;
const messages = [{ role: 'user', content: 'Say hello.' }];

let stage: Stage;
let apps: LibraryApps;
/** Access tokens of an admin and of a member. */
let admins: string;
let members: string;
beforeAll(async () => {
  stage = await startStage();
  apps = new LibraryApps(stage);
  const tokenOf = async (role: 'admin' | 'member'): Promise<string> => {
    const client = await apps.app({ tokenEndpointAuthMethod: 'none' });
    const person = await apps.newcomer(role);
    return (await apps.authorize(await apps.configure(client), { person, over: { scope: 'llm:proxy' } })).access_token;
  };
  [admins, members] = [await tokenOf('admin'), await tokenOf('member')];
}, 60_000);
afterAll(() => stage.close());
beforeEach(() => stage.fake.forget());

const call = (base: string, model: string, token: string, headers: HeaderList = []): Promise<WireResponse> => {
  const all: HeaderList = [fromAnyone(), ['authorization', `Bearer ${token}`], ['content-type', 'application/json']];
  return stage.wire.call(
    'POST',
    `/v1/${base}/chat/completions`,
    [...all, ...headers],
    JSON.stringify({ model, messages }),
  );
};

function explanationIn({ headers }: WireResponse): Json {
  const text = headers['x-gateway-explain'] as string;
  expect(text).toMatch(/^[\w-]{1,4096}$/);
  return JSON.parse(Buffer.from(text, 'base64url').toString());
}

describe.each([
  ['a provider route', 'openai', 'gpt-5.4'],
  ['the Model Router', 'model-router', 'openai:gpt-5.4'],
])('x-gateway-explain on %s', (_, surface, model) => {
  it('a response explains its authentication method, LLM proxy, target and key', async () => {
    const answer = await call(surface, model, admins, [ASKED]);
    expect(answer.status).toBe(200);
    expect(answer.headers['x-gateway-provider']).toBe('openai');
    expect(explanationIn(answer)).toMatchObject({
      isAllowed: true,
      refusal: null,
      method: 'oauth-user',
      proxyId: stage.defaultProxyId,
      places: [
        {
          provider: 'openai',
          model: 'gpt-5.4',
          reason: 'ok',
          providerApiKeyId: stage.providerKeyIds.openai,
          keys: [{ id: stage.providerKeyIds.openai, reason: 'first_in_order' }],
        },
      ],
    });
    expect(everythingSent(stage.fake)).not.toContain('x-gateway-explain');
  });

  it('a refusal explains the step that refused', async () => {
    const strict = await stage.llmProxy({ policy: { deniedModels: ['gpt-*'], requiredHeaders: ['run'] } });
    const atTheDoor = await call(`${surface}/${strict}`, model, admins, [ASKED]);
    expect(atTheDoor.status).toBe(403);
    expect(explanationIn(atTheDoor).steps.at(-1)).toEqual({
      step: 'labels',
      decision: 'refused',
      reason: 'label_missing',
    });
    const later = await call(`${surface}/${strict}`, model, admins, [ASKED, ['x-archestra-run-id', '7']]);
    expect(later.status).toBe(403);
    expect(explanationIn(later)).toMatchObject({ refusal: 'policy_denied', places: [{ reason: 'model_denied' }] });
  });

  it('a response has no explanation for callers without permission or without x-gateway-explain: 1', async () => {
    const key = await stage.virtualKey();
    for (const answer of [
      await call(surface, model, members, [ASKED]),
      await call(surface, model, key.value, [ASKED]),
      await call(surface, model, admins),
      await call(surface, model, admins, [['x-gateway-explain', 'yes']]),
    ]) {
      expect(answer.status).toBe(200);
      expect(answer.headers).not.toHaveProperty('x-gateway-explain');
    }
  });
});
