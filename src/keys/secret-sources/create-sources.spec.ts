import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomBytes } from 'node:crypto';
import { loadConfig } from '../../platform/config/app-config.js';
import { createSecretSources } from './create-sources.js';

const config = (over: Record<string, string> = {}) =>
  loadConfig({ ENCRYPTION_KEYS: randomBytes(32).toString('base64'), ...over });

describe('configured secret sources', () => {
  let vault: Server;
  let address: string;

  beforeAll(async () => {
    vault = createServer((request, response) => {
      const known = request.headers['x-vault-token'] === 'the token' && request.url === '/v1/kv/data/llm';
      response.writeHead(known ? 200 : 403).end(JSON.stringify({ data: { data: { openai: 'sk-from-vault' } } }));
    });
    await new Promise<void>((resolve) => vault.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(vault.address() as AddressInfo).port}`;
  });
  afterAll(() => void vault.close());

  it('secret sources read from Vault at an address that no upstream may use', async () => {
    const sources = createSecretSources(config({ VAULT_ADDR: address, VAULT_TOKEN: 'the token' }), {});
    expect(sources.findProblem('vault:kv/llm#openai')).toBeNull();
    expect((await sources.read('vault:kv/llm#openai')).expose()).toBe('sk-from-vault');
  });

  it('secret sources know no vault: reference without a configured Vault', async () => {
    const sources = createSecretSources(config(), {});
    expect(sources.findProblem('vault:kv/llm#openai')).toBe('The reference must begin with env:.');
    expect(sources.findProblem('env:LLM_SECRET_OPENAI')).toBeNull();
    await expect(sources.read('vault:kv/llm#openai')).rejects.toMatchObject({ code: 'provider_key_unavailable' });
  });

  it('secret sources read the given environment', async () => {
    const sources = createSecretSources(config(), { LLM_SECRET_OPENAI: 'sk-from-environment' });
    expect((await sources.read('env:LLM_SECRET_OPENAI')).expose()).toBe('sk-from-environment');
  });
});
