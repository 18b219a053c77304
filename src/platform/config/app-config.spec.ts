/* eslint-disable no-restricted-syntax -- keys are compared here */
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getMetadataStorage } from 'class-validator';
import { ConfigError, ENV_NAMES, loadConfig } from './app-config.js';
import { Env } from './env.js';

const KEY = Buffer.alloc(32, 7).toString('base64');
const POSTGRES = 'postgres://user:hunter22@db.example/gatehouse';

const problemsOf = (environment: Record<string, string>): readonly string[] => {
  try {
    loadConfig({ ENCRYPTION_KEYS: KEY, ...environment });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};

describe('.env.example', () => {
  const text = readFileSync(new URL('../../../.env.example', import.meta.url), 'utf8');
  const named = [...text.matchAll(/^# ([A-Z][A-Z0-9_]*)=/gm)].map((match) => match[1]!);
  const ours = named.filter((name) => !name.startsWith('LLM_'));

  it('.env.example names each variable that the program reads exactly once', () => {
    expect([...ours].sort()).toEqual([...ENV_NAMES].sort());
    expect(new Set(named).size).toBe(named.length);
  });

  it('.env.example states the bounds of every number', () => {
    const bounds = new Map<string, { min?: number; max?: number }>();
    for (const { propertyName, name, constraints } of getMetadataStorage().getTargetValidationMetadatas(
      Env,
      '',
      false,
      false,
    )) {
      if (name !== 'min' && name !== 'max') continue;
      bounds.set(propertyName, { ...bounds.get(propertyName), [name]: constraints[0] as number });
    }
    for (const [name, { min, max }] of bounds) {
      const comment = text
        .split(new RegExp(`^# ${name}=`, 'm'))[0]!
        .split('\n\n')
        .at(-1)!
        .replaceAll('\n# ', ' ');
      expect(`${name}: ${comment}`).toContain(`${min} to ${max}`);
    }
  });

  it('.env.example sets no variable, and its values are valid', () => {
    expect(text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual([]);
    const values = Object.fromEntries(
      [...text.matchAll(/^# ([A-Z][A-Z0-9_]*)=(.*)$/gm)].map((match) => [match[1]!, match[2]!]),
    );
    expect(problemsOf({ ...values, ENCRYPTION_KEYS: KEY })).toEqual([]);
  });
});

describe('configuration errors', () => {
  it('all configuration errors are reported together, by name and without values', () => {
    const environment = {
      PORT: '70000',
      PUBLIC_URL: 'http://gateway.example/path',
      DATABASE_URL: 'mysql://user:hunter22@db',
      REDIS_URL: 'hunter22',
      ENCRYPTION_KEYS: 'hunter22',
      ADMIN_EMAIL: 'hunter22',
      BOOTSTRAP_API_KEY: 'arch_api_hunter22',
      UPSTREAM_ALLOWED_HOSTS: 'localhost,hunter22/33',
      TRUSTED_PROXIES: '10.0.0.0/8,hunter22',
      LOG_LEVEL: 'hunter22',
      LLM_OPENAI_BASE_URL: 'hunter22',
    };
    const problems = problemsOf(environment);
    expect(new Set(problems.map((problem) => problem.split(':', 1)[0]))).toEqual(new Set(Object.keys(environment)));
    expect(problems.join()).not.toMatch(/hunter22|70000|gateway\.example|mysql/);
    expect(problems).toContain('PORT: must not be greater than 65535');
    expect(() => loadConfig(environment)).toThrow(/^The configuration is not usable:\n {2}- PORT: /);
  });
});

describe('PUBLIC_URL', () => {
  it.each(['http://gateway.example', 'http://10.0.0.1:9000', 'http://localhost.example', 'http://[::2]'])(
    'PUBLIC_URL %s is refused because http is only for loopback hosts',
    (url) => expect(problemsOf({ PUBLIC_URL: url })).toEqual([expect.stringMatching(/^PUBLIC_URL: must be https/)]),
  );

  it.each(['http://localhost:9000', 'http://127.0.0.1:9000', 'http://[::1]:9000', 'https://gateway.example'])(
    'PUBLIC_URL %s is accepted',
    (url) => {
      expect(loadConfig({ ENCRYPTION_KEYS: KEY, PUBLIC_URL: url }).http.publicUrl).toBe(url);
    },
  );

  it.each([
    'https://gateway.example/sub',
    'https://gateway.example/?a=b',
    'https://user@gateway.example',
    'gateway.example',
  ])('PUBLIC_URL %s is refused because it is not an origin', (url) =>
    expect(problemsOf({ PUBLIC_URL: url })).toEqual([expect.stringMatching(/^PUBLIC_URL: /)]),
  );

  it('PUBLIC_URL follows PORT by default', () => {
    expect(loadConfig({ ENCRYPTION_KEYS: KEY, PORT: '8123' }).http.publicUrl).toBe('http://localhost:8123');
  });
});

describe('several processes', () => {
  it('more than one worker requires DATABASE_URL and REDIS_URL', () => {
    const [problem] = problemsOf({ WORKERS: '2' });
    expect(problem).toBe('WORKERS: more than one process needs DATABASE_URL and REDIS_URL');
    expect(problemsOf({ WORKERS: '2', DATABASE_URL: POSTGRES })).toEqual([problem]);
    expect(problemsOf({ WORKERS: '2', DATABASE_URL: POSTGRES, REDIS_URL: 'redis://localhost' })).toEqual([]);
  });
});

describe('ENCRYPTION_KEYS', () => {
  let dataDir: string;
  beforeEach(() => (dataDir = mkdtempSync(join(tmpdir(), 'gatehouse-config-'))));
  afterEach(() => rmSync(dataDir, { recursive: true }));

  it('DATABASE_URL requires ENCRYPTION_KEYS', () => {
    expect(problemsOf({ DATABASE_URL: POSTGRES, ENCRYPTION_KEYS: '' })).toEqual([
      expect.stringMatching(/^ENCRYPTION_KEYS: is required/),
    ]);
    expect(problemsOf({ ENCRYPTION_KEYS: ' , ' })).toEqual([expect.stringMatching(/^ENCRYPTION_KEYS: /)]);
  });

  it('a first start without keys generates a key file of mode 0600 and gives notice of it', () => {
    const path = join(dataDir, 'inner', 'encryption.key');
    const first = loadConfig({ DATA_DIR: join(dataDir, 'inner') });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(first.notices).toEqual([expect.stringContaining(path)]);
    const second = loadConfig({ DATA_DIR: join(dataDir, 'inner') });
    expect(second.notices).toEqual([]);
    expect(second.encryptionKeys[0]!.expose()).toBe(first.encryptionKeys[0]!.expose());
    expect(Buffer.from(first.encryptionKeys[0]!.expose(), 'base64')).toHaveLength(32);
  });

  it('an encryption key file that others can read gets mode 0600', () => {
    const path = join(dataDir, 'encryption.key');
    writeFileSync(path, KEY);
    chmodSync(path, 0o644);
    expect(loadConfig({ DATA_DIR: dataDir }).encryptionKeys[0]!.expose()).toBe(KEY);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });
});

describe('the configuration', () => {
  it('the configuration is deeply frozen', () => {
    const config = loadConfig({ ENCRYPTION_KEYS: KEY, UPSTREAM_ALLOWED_HOSTS: 'localhost' });
    const values = (value: unknown): unknown[] =>
      value !== null && typeof value === 'object' ? [value, ...Object.values(value).flatMap(values)] : [];
    for (const part of values(config))
      if (Object.keys(part as object).length > 0) expect(Object.isFrozen(part)).toBe(true);
    expect(() => Object.assign(config.http, { port: 1 })).toThrow(TypeError);
  });

  it('an empty variable counts as unset', () => {
    const empty = Object.fromEntries([...ENV_NAMES].map((name) => [name, '']));
    const config = loadConfig({ ...empty, ENCRYPTION_KEYS: KEY, LLM_OPENAI_BASE_URL: '' });
    expect(config).toEqual(loadConfig({ ENCRYPTION_KEYS: KEY }));
    expect(config).toMatchObject({
      http: { port: 9000, host: '127.0.0.1', workers: 1 },
      redis: null,
      metricsPort: null,
    });
  });

  it('the default host is 127.0.0.1, and 0.0.0.0 with DATABASE_URL', () => {
    expect(loadConfig({ ENCRYPTION_KEYS: KEY }).http.host).toBe('127.0.0.1');
    expect(loadConfig({ ENCRYPTION_KEYS: KEY, DATABASE_URL: POSTGRES }).http.host).toBe('0.0.0.0');
  });

  it('the printed configuration shows no secret', () => {
    const config = loadConfig({
      ENCRYPTION_KEYS: KEY,
      ADMIN_PASSWORD: 'correct horse battery staple',
      VAULT_ADDR: 'https://v',
      VAULT_TOKEN: 'hvs.1',
    });
    expect(JSON.stringify(config)).not.toMatch(new RegExp(`${KEY.slice(0, 20)}|correct horse|hvs`));
  });

  it('LLM_VLLM_BASE_URL sets the base URL of the provider vllm', () => {
    const config = loadConfig({ ENCRYPTION_KEYS: KEY, LLM_VLLM_BASE_URL: 'http://vllm.internal:8000/v1/' });
    expect(config.upstream.baseUrls).toEqual({ vllm: 'http://vllm.internal:8000/v1' });
  });

  it.each(['0.0.0.0/0', '::/0', '10.0.0.0/33', 'proxy.example', '1'])(
    'TRUSTED_PROXIES refuses the entry %s',
    (entry) => {
      expect(problemsOf({ TRUSTED_PROXIES: `127.0.0.1,${entry}` })).toEqual([expect.stringContaining('at entry 2')]);
    },
  );

  it.each(['*.example', 'a b', '10.0.0.0/40', 'http://host'])(
    'UPSTREAM_ALLOWED_HOSTS refuses the entry %s',
    (entry) => {
      expect(problemsOf({ UPSTREAM_ALLOWED_HOSTS: `localhost,${entry}` })).toEqual([
        expect.stringContaining('at entry 2'),
      ]);
    },
  );
});
