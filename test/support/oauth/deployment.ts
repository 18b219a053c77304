/** The built gateway as processes that share one database and one issuer, with a fake provider. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { FakeProvider } from '../providers/fake-provider.js';
import type { TestDatabase } from '../gateway/databases.js';
import { freePort } from '../gateway/gateway.js';
import { startProcess, type GatewayProcess } from '../gateway/gateway-process.js';
import { OAuthDriver } from './oauth-driver.js';
import { respondAsVendors, familyOf } from '../gateway/stage.js';

const openai = familyOf('openai');

export class Deployment {
  readonly processes: GatewayProcess[] = [];

  private constructor(
    readonly fake: FakeProvider,
    /** The first process listens at this address; all processes use it as their issuer. */
    readonly issuer: string,
    readonly env: Readonly<Record<string, string>>,
    readonly database: pg.Pool | null,
  ) {}

  /** Starts nothing yet. `dataDir`: the embedded default, which is for one process. */
  static async prepare(on: { database: Pick<TestDatabase, 'url'> } | { dataDir: string }): Promise<Deployment> {
    const fake = await FakeProvider.start();
    respondAsVendors(fake);
    const port = await freePort();
    const issuer = `http://localhost:${port}`;
    const databaseUrl = 'database' in on ? on.database.url! : null;
    const env: Record<string, string> = {
      PUBLIC_URL: issuer,
      ADMIN_EMAIL: 'owner@example.com',
      ADMIN_PASSWORD: 'correct horse battery staple',
      BOOTSTRAP_API_KEY: `arch_api_${randomBytes(32).toString('base64url')}`,
      UPSTREAM_ALLOWED_HOSTS: '127.0.0.1',
      LLM_OPENAI_BASE_URL: `${fake.url}/v1`,
      FAILED_CREDENTIALS_PER_MINUTE: '100000',
      ...(databaseUrl === null
        ? { DATA_DIR: (on as { dataDir: string }).dataDir }
        : { DATABASE_URL: databaseUrl, ENCRYPTION_KEYS: randomBytes(32).toString('base64') }),
    };
    const pool = databaseUrl === null ? null : new pg.Pool({ connectionString: databaseUrl, max: 2 });
    // Dropping the database ends its connections.
    pool?.on('error', () => undefined);
    return new Deployment(fake, issuer, env, pool);
  }

  /** Starts another process. The first one listens at the issuer's address. */
  async add(over: Readonly<Record<string, string>> = {}): Promise<GatewayProcess> {
    const port: Record<string, string> = this.processes.length === 0 ? { PORT: new URL(this.issuer).port } : {};
    const process = await startProcess({ ...this.env, ...port, ...over });
    this.processes.push(process);
    return process;
  }

  /** Stores a key for openai for everyone in the organization. Returns its id. */
  async storeProviderKey(): Promise<string> {
    const key = await this.processes[0]!.admin.create('/api/llm-provider-api-keys', {
      name: 'k',
      provider: 'openai',
      apiKey: 'sk-stored-0123456789',
      scope: 'org',
    });
    return key.id as string;
  }

  oauth(process = this.processes[0]!): OAuthDriver {
    return new OAuthDriver(process.url);
  }

  /** Ends all processes; the next `add` starts the first one again, at the issuer's address. */
  async stopAll(how: 'SIGTERM' | 'SIGKILL'): Promise<number[]> {
    const ending = this.processes.splice(0);
    return Promise.all(ending.map(async (process) => (how === 'SIGTERM' ? process.stop() : (await process.kill(), 0))));
  }

  async close(): Promise<void> {
    await this.stopAll('SIGTERM');
    await this.database?.end();
    await this.fake.close();
  }
}

/** Returns the status of an LLM call with a token, at a process. */
export async function llmStatus(process: Pick<GatewayProcess, 'wire'>, token: string): Promise<number> {
  const headers = [['content-type', 'application/json'] as const, ['authorization', `Bearer ${token}`] as const];
  return (await process.wire.call('POST', '/v1/openai/chat/completions', headers, openai.body)).status;
}
