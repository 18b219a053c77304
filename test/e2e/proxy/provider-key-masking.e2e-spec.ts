/** A provider's error reaches the caller unchanged, but never with a stored key in it. */
import { FakeProvider, json } from '../../support/providers/fake-provider.js';
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';

const STORED = 'sk-stored-and-not-the-callers';

let gateway: TestGateway;
let provider: FakeProvider;
let virtualKey: string;

beforeAll(async () => {
  provider = await FakeProvider.start();
  gateway = await startGateway({ LLM_OPENAI_BASE_URL: `${provider.url}/v1` });
  const { id } = await gateway.admin.create('/api/llm-provider-api-keys', {
    name: 'k',
    provider: 'openai',
    apiKey: STORED,
    scope: 'org',
  });
  const made = await gateway.admin.create('/api/llm-virtual-keys', {
    name: 'v',
    providerApiKeys: [{ provider: 'openai', providerApiKeyId: id }],
  });
  virtualKey = made.value;
  provider.on('POST', '/v1/chat/completions', (seen, response) =>
    json(401, {
      error: {
        message: `Incorrect API key provided: ${seen.headers.authorization!.slice(7)}.`,
        type: 'invalid_request_error',
      },
    })(seen, response),
  );
});
afterAll(async () => {
  await gateway.close();
  await provider.close();
});

const call = async (key: string): Promise<{ status: number; text: string; length: string | null }> => {
  const answer = await fetch(`${gateway.url}/v1/openai/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-5.4-mini', messages: [] }),
  });
  return { status: answer.status, text: await answer.text(), length: answer.headers.get('content-length') };
};

it('a stored key that the provider quotes in an error is masked', async () => {
  const { status, text, length } = await call(virtualKey);
  expect(status).toBe(401);
  expect(JSON.parse(text).error.message).toBe('Incorrect API key provided: [provider key].');
  expect(length).toBe(String(Buffer.byteLength(text)));
});

it("a caller's own key that the provider quotes in an error stays visible", async () => {
  const { text } = await call('sk-the-callers-own-key');
  expect(JSON.parse(text).error.message).toBe('Incorrect API key provided: sk-the-callers-own-key.');
});
