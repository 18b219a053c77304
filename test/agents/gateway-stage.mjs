// The built gateway on its embedded database, with the scripted models as providers and a virtual key for them.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MAIN = join(import.meta.dirname, '../../dist/main.js');
const PROVIDERS = { openai: '/v1', anthropic: '', gemini: '' };
const START_TRIES = 600;
const TRY_EVERY_MS = 100;

const pause = () => new Promise((resolve) => setTimeout(resolve, TRY_EVERY_MS));

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export async function startGateway(modelsUrl) {
  const port = await freePort();
  const adminKey = `arch_api_${randomBytes(32).toString('base64url')}`;
  const dataDir = mkdtempSync(join(tmpdir(), 'gatehouse-agents-'));
  const env = {
    PATH: process.env.PATH,
    HOST: '127.0.0.1',
    PORT: String(port),
    DATA_DIR: dataDir,
    BOOTSTRAP_API_KEY: adminKey,
    UPSTREAM_ALLOWED_HOSTS: '127.0.0.1',
    LOG_LEVEL: 'warn',
    ...Object.fromEntries(
      Object.entries(PROVIDERS).map(([id, path]) => [`LLM_${id.toUpperCase()}_BASE_URL`, modelsUrl + path]),
    ),
  };
  const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  process.once('exit', () => child.kill('SIGKILL'));
  const url = `http://127.0.0.1:${port}`;
  for (let i = 0; !(await fetch(`${url}/readyz`).catch(() => null))?.ok; i++) {
    if (child.exitCode !== null || i === START_TRIES) throw new Error('the gateway did not start');
    await pause();
  }

  async function ask(method, path, body) {
    const headers = { authorization: `Bearer ${adminKey}`, ...(body && { 'content-type': 'application/json' }) };
    const answer = await fetch(url + path, { method, headers, body: body && JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  }

  const providerApiKeys = [];
  for (const provider of Object.keys(PROVIDERS)) {
    const apiKey = 'stored-key-0123456789abcdefghij';
    const { id } = await ask('POST', '/api/llm-provider-api-keys', { name: provider, provider, apiKey, scope: 'org' });
    providerApiKeys.push({ provider, providerApiKeyId: id });
  }

  /** Creates an alias for a model. */
  const newAlias = (name, model) => ask('POST', '/api/model-aliases', { name, targets: [{ model }] });

  /** Creates a virtual key for each run, so that its records can be distinguished. */
  async function newKey(name) {
    const { id, value } = await ask('POST', '/api/llm-virtual-keys', { name, scope: 'org', providerApiKeys });
    return { id, value };
  }

  /** Returns the records of the calls with that key, once there are that many. */
  async function recordsOf(key, count) {
    for (let i = 0; ; i++) {
      const { data } = await ask('GET', '/api/interactions?limit=100');
      const own = data.filter(({ virtualKeyId }) => virtualKeyId === key.id);
      if (own.length >= count || i === START_TRIES / 10) return own;
      await pause();
    }
  }

  async function stop() {
    const gone = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGTERM');
    await gone;
    rmSync(dataDir, { recursive: true, force: true });
  }
  return { url, newAlias, newKey, recordsOf, stop };
}
