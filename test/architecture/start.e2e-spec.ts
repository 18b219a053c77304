/** The built program from its first start to its last: its output, its refusals, its shutdown and its stored state. */
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeProvider } from '../support/providers/fake-provider.js';
import { AdminClient } from '../support/http/admin-client.js';
import { BuiltApp } from '../support/gateway/built-app.js';
import { eventually } from '../support/http/wire-client.js';

const CHAT = '/v1/openai/chat/completions';
const BOOTSTRAP_API_KEY = 'arch_api_made-up-by-somebody-who-writes-scripts';

/** One story on one DATA_DIR, in order: each start continues from the state of the previous one. */
describe('the program on the embedded default', () => {
  const parent = mkdtempSync(join(tmpdir(), 'gatehouse-start-'));
  const dataDir = join(parent, 'data');
  let fake: FakeProvider;
  let app: BuiltApp;
  let apiKey: string;
  let password: string;

  const env = (more: Record<string, string> = {}): Record<string, string> => ({
    DATA_DIR: dataDir,
    UPSTREAM_ALLOWED_HOSTS: '127.0.0.1',
    LLM_OPENAI_BASE_URL: `${fake.url}/v1`,
    ...more,
  });
  const chat = (): Promise<Response> =>
    fetch(app.url + CHAT, {
      method: 'POST',
      headers: { authorization: 'Bearer sk-somebodys-own-key-0123', 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-5.4', messages: [{ role: 'user', content: 'Say hello.' }] }),
    });
  const times = (text: string, part: string): number => text.split(part).length - 1;

  beforeAll(async () => {
    fake = await FakeProvider.start();
    app = await BuiltApp.start(env());
  }, 90_000);
  afterAll(async () => {
    await app?.stop();
    await fake?.close();
    rmSync(parent, { recursive: true, force: true });
  });

  describe('first start', () => {
    it('the first start prints the addresses, the admin login and a key once', async () => {
      await eventually(() => app.stdout.includes('Try it:'), 'the banner');
      expect(app.stdout).toContain(`${app.url}/v1/<provider>`);
      expect(app.stdout).toContain(`${app.url}/api/docs`);
      expect(app.stdout).toMatch(/e-mail\s+admin@localhost/);
      password = /password\s+(\S{16,})/.exec(app.stdout)![1]!;
      apiKey = /admin API key\s+(arch_api_\S+)/.exec(app.stdout)![1]!;
      expect(times(app.stdout, password)).toBe(1);
      // Once by itself, and once in the example command.
      expect(times(app.stdout, apiKey)).toBe(2);
      expect(app.stderr).toBe('');
    });

    it('the program listens on loopback only, and the printed key works', async () => {
      expect(app.stdout).toMatch(/listening on 127\.0\.0\.1:\d+/);
      const { status, body } = await new AdminClient(app.url, apiKey).get('/api/me');
      expect([status, body.user.email, body.role]).toEqual([200, 'admin@localhost', 'owner']);
    });

    it('the data directory and the encryption key are accessible only to their owner', () => {
      const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);
      expect([mode(dataDir), mode(join(dataDir, 'encryption.key'))]).toEqual(['700', '600']);
    });
  });

  it('a second process on the same directory exits with code 1 and one sentence', async () => {
    const second = await BuiltApp.launch(env());
    expect(await second.exited).toBe(1);
    expect(second.stderr).toMatch(/data is in use by process \d+\. Stop that process, .*DATA_DIR.*DATABASE_URL/);
    expect(second.stderr).not.toMatch(/^\s+at /m);
    expect(second.stdout).toBe('');
    expect((await new AdminClient(app.url, apiKey).get('/api/me')).status).toBe(200);
  });

  it('SIGTERM drains: /readyz 503, new calls refused, open calls completed, exit code 0', async () => {
    let held: ServerResponse | undefined;
    fake.on('POST', '/v1/chat/completions', (_, response) => void (held = response));
    const open = chat();
    await eventually(() => held, 'the call at the provider');
    app.signal('SIGTERM');
    const ready = async (): Promise<number> => (await fetch(`${app.url}/readyz`)).status;
    await eventually(async () => (await ready()) === 503, 'readiness to go');
    expect((await fetch(`${app.url}/livez`)).status).toBe(200);
    expect((await chat()).status).toBe(503);
    held!.writeHead(200, { 'content-type': 'application/json' }).end('{"id":"whole","usage":{"total_tokens":3}}');
    const answer = await open;
    expect([answer.status, ((await answer.json()) as { id: string }).id]).toEqual([200, 'whole']);
    expect(await app.exited).toBe(0);
    const lines = app.stdout.split('\n').filter((line) => line.startsWith('{'));
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toContain('shutting down');
  });

  it('the next start prints no login and has the record of the last call', async () => {
    app = await BuiltApp.start(env({ BOOTSTRAP_API_KEY }));
    await eventually(() => app.stdout.includes('Try it:'), 'the banner');
    expect(app.stdout).not.toMatch(/First start|password|e-mail|encryption key/);
    for (const secret of [password, apiKey, BOOTSTRAP_API_KEY]) expect(app.stdout).not.toContain(secret);
    const { body } = await new AdminClient(app.url, apiKey).get('/api/interactions');
    expect(body.data).toEqual(
      expect.arrayContaining([expect.objectContaining({ provider: 'openai', status: 200, outcome: 'success' })]),
    );
  });

  it('BOOTSTRAP_API_KEY is stored once over several starts', async () => {
    const keys = async (): Promise<string[]> => {
      const { status, body } = await new AdminClient(app.url, BOOTSTRAP_API_KEY).get('/api/api-keys');
      expect(status).toBe(200);
      return body.data.map((key: { id: string }) => key.id);
    };
    const before = await keys();
    expect(before).toHaveLength(2);
    expect(await app.stop()).toBe(0);
    app = await BuiltApp.start(env({ BOOTSTRAP_API_KEY }));
    expect(await keys()).toEqual(before);
  });

  it('the program starts after SIGKILL with everything that it acknowledged', async () => {
    const admin = new AdminClient(app.url, BOOTSTRAP_API_KEY);
    const team = await admin.create('/api/teams', { name: 'Kept' });
    app.signal('SIGKILL');
    await app.exited;
    app = await BuiltApp.start(env());
    const { body } = await new AdminClient(app.url, BOOTSTRAP_API_KEY).get(`/api/teams/${team.id}`);
    expect(body).toEqual(team);
  });
});

describe('a configuration with errors', () => {
  it('a configuration with errors is refused with all their names and no value before anything is created', async () => {
    const dataDir = join(tmpdir(), `gatehouse-never-${process.pid}`);
    const mistakes = {
      PUBLIC_URL: 'http://public.example',
      ADMIN_PASSWORD: 'too-short!',
      BOOTSTRAP_API_KEY: 'sk-no-key-of-ours',
      ENCRYPTION_KEYS: 'c2hvcnQtc2VjcmV0',
      UPSTREAM_ALLOWED_HOSTS: 'fine.example,not a host',
      TRUSTED_PROXIES: '0.0.0.0/0',
      DRAIN_SECONDS: 'soon-enough',
      LOG_LEVEL: 'chatty',
      LLM_OPENAI_BASE_URL: 'ftp://files.example',
      WORKERS: '4',
    };
    const app = await BuiltApp.launch({ ...mistakes, DATA_DIR: dataDir });
    expect(await app.exited).toBe(1);
    for (const [name, value] of Object.entries(mistakes)) {
      expect(app.stderr).toMatch(new RegExp(`^  - ${name}: .{8,}`, 'm'));
      if (value.length > 2) expect(app.stderr).not.toContain(value);
    }
    expect([app.stdout, existsSync(dataDir)]).toEqual(['', false]);
  });
});
