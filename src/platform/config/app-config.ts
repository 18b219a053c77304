/** The configuration for the rest of the program: validated once, nested, frozen, no strings from the environment. */
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { plainToInstance } from 'class-transformer';
import { getMetadataStorage, validateSync } from 'class-validator';
import ipaddr from 'ipaddr.js';
import { Secret } from '../crypto/secret.js';
import { AllowedHosts } from '../addresses/allowed-hosts.js';
import { Env } from './env.js';

export class AppConfig {
  readonly http: { port: number; host: string; publicUrl: string; drainMs: number; workers: number };
  readonly trustedProxies: readonly string[];
  readonly corsOrigins: readonly string[];
  readonly database: { url: string | null; poolSize: number; dataDir: string };
  readonly redis: { url: string; keyPrefix: string } | null;
  /** The first key seals, all keys open. Each is 32 bytes, base64. */
  readonly encryptionKeys: readonly Secret[];
  readonly firstStart: { email: string | null; password: Secret | null; apiKey: Secret | null };
  readonly upstream: {
    allowedHosts: readonly string[];
    connectTimeoutMs: number;
    headersTimeoutMs: number;
    idleTimeoutMs: number;
    connectionsPerOrigin: number;
    /** Provider id → URL that replaces the vendor's, from `LLM_<PROVIDER>_BASE_URL`. */
    baseUrls: Readonly<Record<string, string>>;
  };
  /** For LLM requests: bytes of one body after decompression, and of all bodies that a process holds at a time. */
  readonly requests: { maxBytes: number; maxBufferedBytes: number };
  readonly auth: { staleSeconds: number; failedCredentialsPerMinute: number };
  /** `spoolMaxBytes`: total size of the files in the spool of `dataDir`. */
  readonly records: { retentionDays: number; spoolMaxBytes: number };
  /** While Redis is unavailable; `localShare` is the share of every limit, 0 to 1, per process. */
  readonly limits: { withoutRedis: 'closed' | 'local'; localShare: number };
  /** `selfRegistration`: RFC 7591 for public clients, and client-id metadata documents. */
  readonly oauth: { selfRegistration: boolean };
  readonly metricsPort: number | null;
  readonly logLevel: string;
  readonly otlpEndpoint: string | null;
  readonly vault: { address: string; token: Secret | null; namespace: string | null } | null;
  /** Messages for the person who starts the process, such as the path of a generated key. */
  readonly notices: readonly string[];
}

/** One error for all configuration problems: names and remedies, never values. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`The configuration is not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);
const DEFAULT_MAX_REQUEST_BYTES = 64 * 1024 ** 2;
const DEFAULT_MAX_BUFFERED_BYTES = 256 * 1024 ** 2;
const BASE_URL_VARIABLE = /^LLM_([A-Z0-9]+)_BASE_URL$/;

/** Reads and checks the environment. Throws one ConfigError that names every problem. */
export function loadConfig(environment: Readonly<Record<string, string | undefined>>): AppConfig {
  // An empty variable (`PORT=`) means unset, as in most deployment tools.
  const variables = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const known = Object.fromEntries(Object.entries(variables).filter(([name]) => ENV_NAMES.has(name)));
  const env = plainToInstance(Env, known);
  const problems = validateSync(env, { validationError: { target: false, value: false } }).map(
    ({ property, constraints = { invalid: 'is not valid' } }) =>
      `${property}: ${Object.values(constraints).join('; ').replaceAll(`${property} `, '')}`,
  );
  const baseUrls = readBaseUrls(variables, problems);
  checkCombinations(env, problems);
  checkEntries('UPSTREAM_ALLOWED_HOSTS', env.UPSTREAM_ALLOWED_HOSTS, isAllowedHost, problems);
  checkEntries('TRUSTED_PROXIES', env.TRUSTED_PROXIES, isAddressOrRange, problems);
  if (problems.length > 0) throw new ConfigError(problems);

  const notices: string[] = [];
  const dataDir = resolve(env.DATA_DIR ?? 'data');
  const port = env.PORT ?? 9000;
  const toSecret = (value: string | undefined): Secret | null => (value === undefined ? null : new Secret(value));
  const config: AppConfig = {
    http: {
      port,
      host: env.HOST ?? (env.DATABASE_URL ? '0.0.0.0' : '127.0.0.1'),
      publicUrl: new URL(env.PUBLIC_URL ?? `http://localhost:${port}`).origin,
      drainMs: (env.DRAIN_SECONDS ?? 30) * 1000,
      workers: env.WORKERS ?? 1,
    },
    trustedProxies: env.TRUSTED_PROXIES ?? [],
    corsOrigins: env.CORS_ALLOWED_ORIGINS ?? [],
    database: { url: env.DATABASE_URL ?? null, poolSize: env.DATABASE_POOL_SIZE ?? 10, dataDir },
    redis: env.REDIS_URL ? { url: env.REDIS_URL, keyPrefix: env.REDIS_KEY_PREFIX ?? 'gatehouse:' } : null,
    encryptionKeys: env.ENCRYPTION_KEYS?.map((key) => new Secret(key)) ?? [loadGeneratedKey(dataDir, notices)],
    firstStart: {
      email: env.ADMIN_EMAIL ?? null,
      password: toSecret(env.ADMIN_PASSWORD),
      apiKey: toSecret(env.BOOTSTRAP_API_KEY),
    },
    upstream: {
      allowedHosts: env.UPSTREAM_ALLOWED_HOSTS ?? [],
      connectTimeoutMs: (env.UPSTREAM_CONNECT_TIMEOUT_SECONDS ?? 10) * 1000,
      headersTimeoutMs: (env.UPSTREAM_HEADERS_TIMEOUT_SECONDS ?? 600) * 1000,
      idleTimeoutMs: (env.UPSTREAM_IDLE_TIMEOUT_SECONDS ?? 300) * 1000,
      connectionsPerOrigin: env.UPSTREAM_CONNECTIONS ?? 256,
      baseUrls,
    },
    requests: {
      maxBytes: env.MAX_REQUEST_BYTES ?? DEFAULT_MAX_REQUEST_BYTES,
      maxBufferedBytes: env.MAX_BUFFERED_BYTES ?? DEFAULT_MAX_BUFFERED_BYTES,
    },
    auth: {
      staleSeconds: env.STALE_AUTH_SECONDS ?? 0,
      failedCredentialsPerMinute: env.FAILED_CREDENTIALS_PER_MINUTE ?? 10,
    },
    records: {
      retentionDays: env.INTERACTION_RETENTION_DAYS ?? 90,
      spoolMaxBytes: env.SPOOL_MAX_BYTES ?? 1024 ** 3,
    },
    limits: {
      withoutRedis: env.LIMITS_WITHOUT_REDIS === 'local' ? 'local' : 'closed',
      localShare: (env.LIMITS_LOCAL_SHARE_PERCENT ?? 10) / 100,
    },
    oauth: { selfRegistration: env.OAUTH_DCR !== 'off' },
    metricsPort: env.METRICS_PORT ?? null,
    logLevel: env.LOG_LEVEL ?? 'info',
    otlpEndpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT ?? null,
    vault: env.VAULT_ADDR
      ? { address: env.VAULT_ADDR, token: toSecret(env.VAULT_TOKEN), namespace: env.VAULT_NAMESPACE ?? null }
      : null,
    notices,
  };
  return deepFreeze(Object.assign(new AppConfig(), config));
}

/** The names of all variables of `Env`, in the order they are declared. */
export const ENV_NAMES: ReadonlySet<string> = new Set(
  getMetadataStorage()
    .getTargetValidationMetadatas(Env, '', false, false)
    .map((metadata) => metadata.propertyName),
);

function checkCombinations(env: Env, problems: string[]): void {
  const url = env.PUBLIC_URL && URL.canParse(env.PUBLIC_URL) ? new URL(env.PUBLIC_URL) : null;
  if (url?.protocol === 'http:' && !LOOPBACK.has(url.hostname)) {
    problems.push('PUBLIC_URL: must be https, except for localhost, 127.0.0.1 and [::1]');
  }
  if (url && (url.pathname !== '/' || url.search || url.hash || url.username)) {
    problems.push('PUBLIC_URL: must be an origin, without a path, query, fragment or user');
  }
  if (env.DATABASE_URL && !env.ENCRYPTION_KEYS?.length) {
    problems.push('ENCRYPTION_KEYS: is required with DATABASE_URL; make one with `openssl rand -base64 32`');
  }
  if ((env.MAX_BUFFERED_BYTES ?? DEFAULT_MAX_BUFFERED_BYTES) < (env.MAX_REQUEST_BYTES ?? DEFAULT_MAX_REQUEST_BYTES)) {
    problems.push('MAX_BUFFERED_BYTES: must be at least MAX_REQUEST_BYTES, or no request of that size can be read');
  }
  if ((env.WORKERS ?? 1) > 1 && !(env.DATABASE_URL && env.REDIS_URL)) {
    problems.push('WORKERS: more than one process needs DATABASE_URL and REDIS_URL');
  }
}

/** Reports entries by their position in the list: an entry that was put there by mistake may be a secret. */
function checkEntries(
  name: string,
  entries: readonly string[] | undefined,
  isValid: (entry: string) => boolean,
  problems: string[],
): void {
  const bad = entries?.flatMap((entry, i) => (isValid(entry) ? [] : [i + 1])) ?? [];
  if (bad.length > 0) problems.push(`${name}: cannot be understood at entry ${bad.join(', ')} (${ENTRY_FORMS[name]})`);
}

const ENTRY_FORMS: Readonly<Record<string, string>> = {
  UPSTREAM_ALLOWED_HOSTS: 'host names, addresses, or CIDR ranges',
  TRUSTED_PROXIES: 'addresses or CIDR ranges; none that covers everything',
};

function isAllowedHost(entry: string): boolean {
  try {
    return new AllowedHosts([entry]) instanceof AllowedHosts;
  } catch {
    return false;
  }
}

/** A range of length 0 would trust every X-Forwarded-For. */
const isAddressOrRange = (entry: string): boolean =>
  isIP(entry) !== 0 || (ipaddr.isValidCIDR(entry) && ipaddr.parseCIDR(entry)[1] > 0);

function readBaseUrls(variables: Record<string, string | undefined>, problems: string[]): Record<string, string> {
  const out: Record<string, string> = {};
  for (const [name, value] of Object.entries(variables)) {
    const provider = BASE_URL_VARIABLE.exec(name)?.[1];
    if (!provider) continue;
    if (!URL.canParse(value!) || !/^https?:$/.test(new URL(value!).protocol)) {
      problems.push(`${name}: must be an http or https URL`);
    } else {
      out[provider.toLowerCase()] = value!.replace(/\/+$/, '');
    }
  }
  return out;
}

/** Encryption key of the embedded database: created once, readable by this user only. */
function loadGeneratedKey(dataDir: string, notices: string[]): Secret {
  const path = join(dataDir, 'encryption.key');
  if (!existsSync(path)) {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    writeFileSync(path, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
    notices.push(
      `A new encryption key was written to ${path}. Back it up: without it, stored provider keys cannot be read.`,
    );
  }
  chmodSync(path, 0o600);
  return new Secret(readFileSync(path, 'utf8').trim());
}

function deepFreeze<T>(value: T): T {
  if (value !== null && typeof value === 'object' && !(value instanceof Secret) && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
