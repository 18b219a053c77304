import { FakeProvider, json } from '../../support/providers/fake-provider.js';
import { startGateway } from '../../support/gateway/gateway.js';

describe('trace headers without tracing', () => {
  it("without tracing the client's traceparent and tracestate reach the provider unchanged", async () => {
    const provider = await FakeProvider.start();
    provider.on('POST', '/v1/chat/completions', json(200, { id: 'c', model: 'gpt-4o', choices: [] }));
    const gateway = await startGateway({ LLM_OPENAI_BASE_URL: `${provider.url}/v1` });
    try {
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
      await fetch(`${gateway.url}/v1/openai/chat/completions`, {
        method: 'POST',
        headers: {
          authorization: 'Bearer sk-proj-abc',
          'content-type': 'application/json',
          traceparent,
          tracestate: 'a=1',
        },
        body: '{"model":"gpt-4o"}',
      });
      expect(provider.received[0]!.headers).toMatchObject({ traceparent, tracestate: 'a=1' });
    } finally {
      await gateway.close();
      await provider.close();
    }
  });
});
