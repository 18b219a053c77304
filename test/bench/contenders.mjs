// The contenders: raw Node, nginx, Portkey, and Gatehouse with each authentication method. Each `start` returns
// { pids, port, path, headers, stop }, or null where it is not installed.
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { DemoIdentityProvider } from '../../dist/demo/actors/identity-provider.js';
import { registerApp } from './signed-in.mjs';

const here = import.meta.dirname;
const root = join(here, '../..');

const has = (command) => {
  try {
    execFileSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};
const canPin = has('taskset');

/** Starts a process on one processor, where the system supports that. It ends when this process ends. */
export function pinned(cpu, command, args, options = {}) {
  const child = canPin
    ? spawn('taskset', ['-c', String(cpu), command, ...args], options)
    : spawn(command, args, options);
  process.once('exit', () => child.kill());
  return child;
}

export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export const firstLine = (child) =>
  new Promise((resolve) => child.stdout.once('data', (data) => resolve(String(data).trim())));

async function answering(url, tries = 900) {
  for (let i = 0; i < tries; i++) {
    try {
      await fetch(url);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  throw new Error(`nothing answers at ${url}`);
}

export const direct = {
  name: 'direct',
  start: async (mockPort) => ({ pids: [], port: mockPort, path: '/v1/chat/completions', headers: {}, stop() {} }),
};

export const rawNode = {
  name: 'raw Node',
  async start(mockPort) {
    const child = pinned(
      0,
      process.execPath,
      [
        '--max-semi-space-size=64',
        ...(process.env.BENCH_NODE_ARGS?.split(' ') ?? []),
        join(here, 'raw-node.mjs'),
        `http://127.0.0.1:${mockPort}`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const port = Number(await firstLine(child));
    return {
      pids: [child.pid],
      port,
      path: '/v1/chat/completions',
      headers: { authorization: 'Bearer sk-bench' },
      stop: () => child.kill(),
    };
  },
};

export const nginx = {
  name: 'nginx',
  async start(mockPort) {
    if (!has('nginx')) return null;
    const port = await freePort();
    const dir = mkdtempSync(join(tmpdir(), 'bench-nginx-'));
    writeFileSync(
      join(dir, 'nginx.conf'),
      `worker_processes 1; daemon off; master_process off; pid ${dir}/pid; error_log ${dir}/error.log;
events { worker_connections 4096; }
http { access_log off; client_body_temp_path ${dir}/b; proxy_temp_path ${dir}/p; fastcgi_temp_path ${dir}/f; uwsgi_temp_path ${dir}/u; scgi_temp_path ${dir}/s;
upstream provider { server 127.0.0.1:${mockPort}; keepalive 256; }
server { listen 127.0.0.1:${port}; keepalive_requests 1000000; client_body_buffer_size 64k; proxy_buffering off;
location / { proxy_pass http://provider; proxy_http_version 1.1; proxy_set_header Connection ""; } } }`,
    );
    const child = pinned(0, 'nginx', ['-c', join(dir, 'nginx.conf')], { stdio: 'ignore' });
    await answering(`http://127.0.0.1:${port}/`);
    return {
      pids: [child.pid],
      port,
      path: '/v1/chat/completions',
      headers: { authorization: 'Bearer sk-bench' },
      stop() {
        child.kill();
        rmSync(dir, { recursive: true, force: true });
      },
    };
  },
};

/** Portkey with a vendor as its target; `base`: the prefix of the vendor's paths. */
const portkeyTo = (name, vendor, base, request = {}) => ({
  name,
  async start(mockPort) {
    const dir = join(tmpdir(), 'gatehouse-bench-portkey-1.15.2');
    const entry = join(dir, 'node_modules/@portkey-ai/gateway/build/start-server.js');
    try {
      if (!existsSync(entry)) {
        mkdirSync(dir, { recursive: true });
        writeFileSync(
          join(dir, 'package.json'),
          JSON.stringify({
            private: true,
            dependencies: { '@portkey-ai/gateway': '1.15.2' },
            overrides: { '@hono/node-server': '1.3.3' },
          }),
        );
        execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: dir, stdio: 'ignore' });
      }
    } catch {
      return null;
    }
    const port = await freePort();
    const child = pinned(0, process.execPath, [entry, `--port=${port}`, '--headless'], {
      stdio: 'ignore',
      env: { ...process.env, NODE_ENV: 'production', TRUSTED_CUSTOM_HOSTS: '127.0.0.1' },
    });
    await answering(`http://127.0.0.1:${port}/`);
    return {
      pids: [child.pid],
      port,
      path: '/v1/chat/completions',
      headers: {
        authorization: 'Bearer sk-bench',
        'x-portkey-provider': vendor,
        'x-portkey-custom-host': `http://127.0.0.1:${mockPort}${base}`,
      },
      ...request,
      stop: () => child.kill(),
    };
  },
});

export const portkey = portkeyTo('Portkey', 'openai', '/v1');
export const portkeyToAnthropic = portkeyTo('Portkey → Anthropic', 'anthropic', '/v1', { model: 'claude-sonnet-5' });

/** Providers whose format the Model Router translates, with a model of each. */
const TRANSLATED = {
  anthropic: 'claude-sonnet-5',
  gemini: 'gemini-2.5-flash',
  cohere: 'command-a-03-2025',
  bedrock: 'amazon.nova-pro-v1:0',
};

/** Longer than a complete run. */
const JWT_SECONDS = 3600;
const TOKEN_PATH = '/api/auth/oauth2/token';
const FORM = 'application/x-www-form-urlencoded';

async function tokenBy(url, { path, headers, forms }) {
  const answer = await fetch(url + path, { method: 'POST', headers, body: forms[0] });
  return (await answer.json()).access_token;
}

/** One running Gatehouse serves all authentication methods. `ways`: method → { path, headers }. */
const GUARDED = {
  policy: {
    guardrails: ['credit_card', 'email', 'phone', 'iban', 'us_ssn', 'private_key', 'secret'].map((detector) => ({
      ...{ name: detector, detector, on: 'both', action: 'redact' },
    })),
  },
};
const LIMITED = {
  limits: [
    { limitType: 'token_cost', limitValue: 1e9, window: 'calendar_month' },
    { limitType: 'tokens', limitValue: 1e9, window: '1d' },
    { limitType: 'requests', limitValue: 1e9, window: '1m' },
    { limitType: 'parallel_requests', limitValue: 1e6 },
  ],
};
const CAPTURED = { captureContent: 'full' };
const STRICT = { strictAudit: true };
const GOVERNED = {
  'guardrails (all seven, both ways)': GUARDED,
  'limits (four)': LIMITED,
  'content capture': CAPTURED,
  'strict audit': STRICT,
  'all of it': { ...GUARDED, ...LIMITED, ...CAPTURED, ...STRICT },
};

export async function startGatehouse(mockPort, extra = {}) {
  const port = await freePort();
  const adminKey = `arch_api_${randomBytes(32).toString('base64url')}`;
  const owner = { email: 'bench@example.com', password: 'bench bench bench bench' };
  const dataDir = mkdtempSync(join(tmpdir(), 'bench-gatehouse-'));
  const database = await benchDatabase();
  const env = {
    ...process.env,
    HOST: '127.0.0.1',
    PUBLIC_URL: '',
    DATA_DIR: dataDir,
    DATABASE_URL: database?.url ?? '',
    REDIS_URL: process.env.BENCH_REDIS_URL ?? '',
    REDIS_KEY_PREFIX: `bench-${randomBytes(4).toString('hex')}:`,
    ENCRYPTION_KEYS: randomBytes(32).toString('base64'),
    ADMIN_EMAIL: owner.email,
    ADMIN_PASSWORD: owner.password,
    BOOTSTRAP_API_KEY: adminKey,
    UPSTREAM_ALLOWED_HOSTS: '127.0.0.1',
    LLM_OPENAI_BASE_URL: `http://127.0.0.1:${mockPort}/v1`,
    ...Object.fromEntries(
      Object.keys(TRANSLATED).map((id) => [`LLM_${id.toUpperCase()}_BASE_URL`, `http://127.0.0.1:${mockPort}`]),
    ),
    ...extra,
  };
  const args = [
    '--max-semi-space-size=64',
    ...(process.env.BENCH_NODE_ARGS?.split(' ') ?? []),
    join(root, 'dist/main.js'),
  ];
  const launch = (on) =>
    pinned(0, process.execPath, args, {
      stdio: ['ignore', process.env.BENCH_LOG ? 'inherit' : 'ignore', 'inherit'],
      env: { ...env, PORT: String(on) },
    });
  const child = launch(port);
  const url = `http://127.0.0.1:${port}`;
  await answering(`${url}/livez`);
  const ask = async (method, path, body) => {
    const answer = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${adminKey}`, ...(body && { 'content-type': 'application/json' }) },
      body: body && JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  };
  const create = (path, body) => ask('POST', path, body);
  const store = (provider) =>
    create('/api/llm-provider-api-keys', { name: 'bench', provider, apiKey: 'sk-bench-bench-bench', scope: 'org' });
  const providerKey = await store('openai');
  const translated = [];
  for (const provider of Object.keys(TRANSLATED)) translated.push(await store(provider));
  const newKey = () =>
    create('/api/llm-virtual-keys', {
      name: `bench ${randomBytes(4).toString('hex')}`,
      scope: 'org',
      providerApiKeys: [{ provider: 'openai', providerApiKeyId: providerKey.id }],
    });
  const virtualKey = await newKey();
  const everyProvider = await create('/api/llm-virtual-keys', {
    name: 'bench of the router',
    scope: 'org',
    providerApiKeys: [providerKey, ...translated].map(({ id, provider }) => ({ provider, providerApiKeyId: id })),
  });
  const onRouter = (model) => ({
    path: '/v1/model-router/chat/completions',
    headers: { authorization: `Bearer ${everyProvider.value}` },
    model,
  });
  const governed = async ({ limits = [], ...proxy }) => {
    const { id } = await create('/api/llm-proxies', { name: `bench ${randomBytes(4).toString('hex')}`, ...proxy });
    for (const limit of limits) await create('/api/limits', { entityType: 'llm_proxy', entityId: id, ...limit });
    return {
      path: `/v1/openai/${id}/chat/completions`,
      headers: { authorization: `Bearer ${virtualKey.value}` },
    };
  };
  const { data: proxies } = await ask('GET', '/api/llm-proxies');
  const application = await create('/api/llm-oauth-clients', {
    name: 'bench',
    grantType: 'client_credentials',
    scope: 'org',
    allowedLlmProxyIds: proxies.map(({ id }) => id),
    providerApiKeys: [{ provider: 'openai', providerApiKeyId: providerKey.id }],
  });
  const basic = Buffer.from(`${application.clientId}:${application.clientSecret}`).toString('base64');
  const clientCredentials = {
    path: TOKEN_PATH,
    headers: { authorization: `Basic ${basic}`, 'content-type': FORM },
    forms: ['grant_type=client_credentials'],
  };
  const app = await registerApp(`http://localhost:${port}`, owner);
  const identityProvider = await DemoIdentityProvider.start();
  const newJwt = await trusting(identityProvider, ask, proxies[0]);
  const path = '/v1/openai/chat/completions';
  return {
    pids: [child.pid],
    port,
    url,
    adminKey,
    database: database ? 'PostgreSQL' : 'embedded PGlite',
    newKey,
    /** Creates a token of the trusted identity provider that no process has cached. */
    newJwt,
    /** A second process on the same database; null on the embedded default, which allows only one. */
    async startAnother() {
      if (!database) return null;
      const otherPort = await freePort();
      const other = launch(otherPort);
      await answering(`http://127.0.0.1:${otherPort}/livez`);
      return { url: `http://127.0.0.1:${otherPort}`, stop: () => stopped(other) };
    },
    ways: {
      'provider-key': { path, headers: { authorization: 'Bearer sk-bench-bench-bench' } },
      'virtual-key': { path, headers: { authorization: `Bearer ${virtualKey.value}` } },
      'oauth-client': { path, headers: { authorization: `Bearer ${await tokenBy(url, clientCredentials)}` } },
      'oauth-user': { path, headers: { authorization: `Bearer ${(await app.signIn()).access_token}` } },
      'idp-jwt': { path, headers: { authorization: `Bearer ${newJwt()}` } },
    },
    /** The Model Router, by the provider of the target. */
    routed: {
      OpenAI: onRouter('openai:gpt-5.4-mini'),
      ...Object.fromEntries(Object.entries(TRANSLATED).map(([id, model]) => [id, onRouter(`${id}:${model}`)])),
    },
    /** The provider route of an LLM proxy with additional checks. */
    async governed() {
      const ways = {};
      for (const [name, settings] of Object.entries(GOVERNED)) ways[name] = await governed(settings);
      return ways;
    },
    /** Requests to the token endpoint. `forms`: one per connection, or one for all. */
    grants: {
      client_credentials: clientCredentials,
      async refresh_token(connections) {
        const forms = [];
        for (let i = 0; i < connections; i++) {
          const { refresh_token: token } = await app.signIn();
          forms.push(`grant_type=refresh_token&client_id=${app.clientId}&refresh_token=${token}`);
        }
        return { path: TOKEN_PATH, headers: { 'content-type': FORM }, forms };
      },
    },
    async stop() {
      await stopped(child);
      await identityProvider.close();
      rmSync(dataDir, { recursive: true, force: true });
      await database?.drop();
    },
  };
}

/** Makes the LLM proxy trust the identity provider of the owner; returns a function that creates the owner's tokens. */
async function trusting(identityProvider, ask, proxy) {
  const { id } = await ask('POST', '/api/identity-providers', {
    providerId: 'bench',
    issuer: identityProvider.issuer,
    audiences: [identityProvider.audience],
  });
  const { data: users } = await ask('GET', '/api/users');
  await ask('POST', `/api/identity-providers/${id}/links`, { subject: 'owner', userId: users[0].id });
  await ask('PATCH', `/api/llm-proxies/${proxy.id}`, { identityProviderIds: [id] });
  return () => identityProvider.issueToken('owner', JWT_SECONDS);
}

async function stopped(child) {
  child.kill('SIGTERM');
  await new Promise((resolve) => child.once('exit', resolve));
}

/** A separate database on BENCH_DATABASE_URL or TEST_DATABASE_URL; null: the embedded default. */
async function benchDatabase() {
  const server = process.env.BENCH_DATABASE_URL || process.env.TEST_DATABASE_URL;
  if (!server) return null;
  const name = `gatehouse_bench_${randomBytes(4).toString('hex')}`;
  const run = async (sql) => {
    const client = new pg.Client({ connectionString: server });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  await run(`CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => run(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}
