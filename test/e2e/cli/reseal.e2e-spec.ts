/** Rotating the encryption key of a deployment: old key, then both, then `gatehouse reseal`, then the new key alone. */
import { FakeProvider, json } from '../../support/providers/fake-provider.js';
import { wire } from '../../support/providers/recorded-responses.js';
import { AdminClient } from '../../support/http/admin-client.js';
import {
  createDataDir,
  encryptionKey,
  gatehouse,
  started,
  type Environment,
  type Outcome,
} from '../../support/gateway/gatehouse-command.js';

const LISTENING = /Gatehouse is listening/;
const STORED = 'sk-stored-0123456789abcdef';
const OLD = encryptionKey();
const NEW = encryptionKey();

describe('gatehouse reseal', () => {
  let place: Awaited<ReturnType<typeof createDataDir>>;
  let provider: FakeProvider;
  let virtualKey: string;
  const providerKeyIds: string[] = [];
  let outcome: Outcome;

  const env = (...keys: string[]): Environment => ({
    ...place.at(...keys),
    LLM_OPENAI_BASE_URL: `${provider.url}/v1`,
  });

  const chat = async (): Promise<number> => {
    const response = await fetch(`${place.url}/v1/openai/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${virtualKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-5.4', messages: [{ role: 'user', content: 'Say hello.' }] }),
    });
    await response.arrayBuffer();
    return response.status;
  };

  const serving = async <T>(keys: string[], job: () => Promise<T>): Promise<T> => {
    const server = await started(['start'], env(...keys), LISTENING);
    try {
      return await job();
    } finally {
      expect(await server.stop()).toBe(0);
    }
  };

  beforeAll(async () => {
    place = await createDataDir();
    provider = await FakeProvider.start();
    provider.on('POST', '/v1/chat/completions', json(200, wire('openai', 'chat.json')));
    await serving([OLD], async () => {
      const admin = new AdminClient(place.url, place.adminKey);
      for (const name of ['one', 'two', 'three']) {
        const key = await admin.create('/api/llm-provider-api-keys', { name, provider: 'openai', apiKey: STORED });
        providerKeyIds.push(key.id);
      }
      const made = await admin.create('/api/llm-virtual-keys', {
        name: 'client',
        providerApiKeys: [{ provider: 'openai', providerApiKeyId: providerKeyIds[0] }],
      });
      virtualKey = made.value;
      expect(await chat()).toBe(200);
    });
  }, 120_000);

  afterAll(async () => {
    await provider.close();
    place.remove();
  });

  it('reseal lists what no key decrypts by id, leaves it unchanged and exits with code 1', async () => {
    outcome = await gatehouse(['reseal'], env(NEW));
    expect(outcome.code).toBe(1);
    expect(outcome.stdout).toContain('3 cannot be opened');
    for (const id of providerKeyIds) expect(outcome.stdout).toContain(id);
  }, 60_000);

  it('reseal encrypts all stored keys with the first key and reports their number', async () => {
    outcome = await gatehouse(['reseal'], env(NEW, OLD));
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(outcome.stdout).toMatch(
      /^3 stored provider keys\n {2}3 re-sealed, previously sealed with key [0-9a-f]{8}\n/,
    );
  }, 60_000);

  it('a repeated reseal finds everything encrypted with the first key', async () => {
    outcome = await gatehouse(['reseal'], env(NEW, OLD));
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(outcome.stdout).toMatch(/ {2}3 already sealed with the first key, [0-9a-f]{8}\n/);
    expect(outcome.stdout).not.toContain('re-sealed');
  }, 60_000);

  it('resealed keys work with the new encryption key alone and not with the old one', async () => {
    provider.forget();
    expect(await serving([NEW], chat)).toBe(200);
    expect(provider.received.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${STORED}`]);
    expect(await serving([OLD], chat)).toBe(503);
    expect(provider.received).toHaveLength(1);
  }, 120_000);

  it('reseal prints neither a stored key nor an encryption key', async () => {
    const wrong = await gatehouse(['reseal'], env(OLD));
    expect(wrong.code).toBe(1);
    for (const text of [outcome.stdout, wrong.stdout, wrong.stderr]) {
      for (const secret of [STORED, STORED.slice(-8), OLD, NEW]) expect(text).not.toContain(secret);
    }
  }, 60_000);
});
