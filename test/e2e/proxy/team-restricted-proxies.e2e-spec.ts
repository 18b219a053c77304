/**
 * An LLM proxy that is open to certain teams is closed to callers without a team, including those with a provider's
 * key.
 */
import { FakeProvider, json } from '../../support/providers/fake-provider.js';
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';

let gateway: TestGateway;
let provider: FakeProvider;

beforeAll(async () => {
  provider = await FakeProvider.start();
  provider.on('POST', '/v1/chat/completions', json(200, { id: 'x', model: 'gpt-5.4-mini', choices: [] }));
  gateway = await startGateway({ LLM_OPENAI_BASE_URL: `${provider.url}/v1` });
});
afterAll(async () => {
  await gateway.close();
  await provider.close();
});

it('an LLM proxy with teamIds refuses a direct key with 403 and forwards nothing', async () => {
  const team = await gateway.admin.create('/api/teams', { name: 'Platform' });
  const proxy = await gateway.admin.create('/api/llm-proxies', { name: 'team only', teamIds: [team.id] });
  const answer = await fetch(`${gateway.url}/v1/openai/${proxy.id}/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk-somebodys-own-key', 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-5.4-mini', messages: [] }),
  });
  expect(answer.status).toBe(403);
  expect(await answer.json()).toMatchObject({ error: { code: 'proxy_not_allowed' } });
  expect(provider.received).toEqual([]);
});
