import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '../../platform/crypto/secret.js';
import { Egress } from '../../platform/egress/egress.js';
import { VaultSecretSource, type VaultOptions } from './vault.secret-source.js';

/**
 * The part of Vault's KV v2 that is read here:
 * https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#read-secret-version
 */
const SECRETS: Record<string, Record<string, unknown> | null> = {
  '/v1/kv/data/llm/openai': { key: 'sk-from-vault\n', number: 7 },
  '/v1/kv/data/llm/a%20b%25': { key: 'odd' },
  '/v1/kv/data/llm/deleted': null,
};

let vault: Server;
let egress: Egress;
let address: string;
let requests: IncomingMessage[];
let goodToken = 'hvs.good';
let sealed = false;

beforeAll(async () => {
  vault = createServer((request, response) => {
    requests.push(request);
    const answer = (status: number, body: object) => response.writeHead(status).end(JSON.stringify(body));
    const data = SECRETS[request.url ?? ''];
    if (sealed) answer(503, { errors: ['Vault is sealed'] });
    else if (request.headers['x-vault-token'] !== goodToken) answer(403, { errors: ['permission denied'] });
    else if (data === undefined) answer(404, { errors: [] });
    else answer(data === null ? 404 : 200, { data: { data, metadata: { version: 1 } } });
  });
  await new Promise<void>((resolve) => vault.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(vault.address() as AddressInfo).port}`;
  egress = new Egress({
    allowedHosts: [address.slice('http://'.length)],
    connectTimeoutMs: 500,
    headersTimeoutMs: 500,
    idleTimeoutMs: 500,
    connectionsPerOrigin: 2,
  });
});
afterAll(async () => {
  await egress.close();
  await new Promise((resolve) => vault.close(resolve));
});
beforeEach(() => {
  [requests, goodToken, sealed] = [[], 'hvs.good', false];
});

const source = (options: Partial<VaultOptions> = {}) =>
  new VaultSecretSource(egress, { address, token: new Secret('hvs.good'), namespace: null, ...options });

const createFailureMatcher = (reason: string) =>
  expect.objectContaining({ code: 'provider_key_unavailable', status: 503, reason });

describe('keys in Vault', () => {
  it('a key in Vault is read from its field with the token and the namespace', async () => {
    const secret = await source({ namespace: 'team-a' }).read('vault:kv/llm/openai#key');
    expect(secret.expose()).toBe('sk-from-vault');
    expect(requests[0]?.headers).toMatchObject({ 'x-vault-token': 'hvs.good', 'x-vault-namespace': 'team-a' });
  });

  it('a Vault path with characters that a URL must escape is read', async () => {
    expect((await source({ address: `${address}/` }).read('vault:kv/llm/a b%#key')).expose()).toBe('odd');
  });

  it('the Vault token is read from its file on each request', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'vault-'));
    const tokenFile = join(directory, 'token');
    const fromFile = source({ token: null, tokenFile });
    await writeFile(tokenFile, 'hvs.good\n');
    await fromFile.read('vault:kv/llm/openai#key');
    goodToken = 'hvs.renewed';
    await writeFile(tokenFile, 'hvs.renewed\n');
    await fromFile.read('vault:kv/llm/openai#key');
    await rm(directory, { recursive: true });
    await expect(fromFile.read('vault:kv/llm/openai#key')).rejects.toEqual(
      createFailureMatcher('vault_token_unreadable'),
    );
  });

  it.each([
    ['vault:kv/llm/none#key', 'secret_missing'],
    ['vault:kv/llm/deleted#key', 'secret_missing'],
    ['vault:kv/llm/openai#other', 'secret_missing'],
    ['vault:kv/llm/openai#number', 'secret_missing'],
    ['vault:kv/llm/openai#constructor', 'secret_missing'],
  ])('a missing Vault secret is provider_key_unavailable: %s', (reference, reason) =>
    expect(source().read(reference)).rejects.toEqual(createFailureMatcher(reason)),
  );

  it('a refusing, sealed, unreachable or unconfigured Vault is provider_key_unavailable', async () => {
    const reference = 'vault:kv/llm/openai#key';
    await expect(source({ token: new Secret('hvs.bad') }).read(reference)).rejects.toEqual(
      createFailureMatcher('vault_denied'),
    );
    await expect(source({ token: null }).read(reference)).rejects.toEqual(createFailureMatcher('vault_not_configured'));
    await expect(source({ address: 'http://127.0.0.1:1' }).read(reference)).rejects.toEqual(
      createFailureMatcher('vault_unreachable'),
    );
    sealed = true;
    await expect(source().read(reference)).rejects.toEqual(createFailureMatcher('vault_failed'));
  });

  it('the error of Vault shows neither token nor address nor reference', async () => {
    const error = await source({ token: new Secret('hvs.bad') })
      .read('vault:kv/llm/openai#key')
      .catch((each: unknown) => each);
    expect(error).toMatchObject({ detail: expect.not.stringMatching(/hvs|127\.0|openai/) });
    expect(JSON.stringify(error)).not.toContain('hvs.bad');
  });

  it.each([
    'vault:kv/llm/openai',
    'vault:kv#key',
    'vault:/llm/openai#key',
    'vault:kv/../sys/mounts#key',
    'vault:kv/./x#key',
    'vault:kv//x#key',
    'vault:kv/x?version=1#key',
    'vault:#key',
    'env:LLM_SECRET_A',
  ])('the invalid Vault reference %s is refused without a request', async (reference) => {
    expect(source().findProblem(reference)).not.toBeNull();
    await expect(source().read(reference)).rejects.toEqual(createFailureMatcher('secret_reference_invalid'));
    expect(requests).toHaveLength(0);
  });

  it('a Vault path outside the configured prefix is refused without a request', async () => {
    const bounded = source({ pathPrefix: 'kv/llm/' });
    expect(bounded.findProblem('vault:kv/llm/openai#key')).toBeNull();
    await expect(bounded.read('vault:kv/billing/stripe#key')).rejects.toEqual(
      createFailureMatcher('secret_reference_invalid'),
    );
    expect(requests).toHaveLength(0);
  });
});
