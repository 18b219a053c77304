/**
 * The whole gateway in this process, on a real socket and a database of its own. One per test file: passport is global.
 */
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { ENTITIES } from '../../../src/app/entities.js';
import { createHttpApp, type HttpApp } from '../../../src/app/http-app.js';
import { Clock } from '../../../src/platform/time/clock.js';
import { loadConfig } from '../../../src/platform/config/app-config.js';
import { Egress } from '../../../src/platform/egress/egress.js';
import { closePlatform, openPlatform } from '../../../src/platform/open-platform.js';
import type { PlatformResources } from '../../../src/platform/platform.module.js';
import { runFirstStart } from '../../../src/app/first-start.js';
import { UsageRecorder } from '../../../src/usage/recording/usage-recorder.js';
import { AdminClient } from '../http/admin-client.js';
import { testDatabase } from './databases.js';

/** A clock that tests can move. It runs like the real one, `offsetMs` ahead. */
export class TestClock extends Clock {
  offsetMs = 0;
  /** By how much the wall clock was set forward, or back, without any time passing. */
  jumpedMs = 0;

  override now(): number {
    return Date.now() + this.offsetMs + this.jumpedMs;
  }

  override monotonicNow(): number {
    return performance.now() + this.offsetMs;
  }

  advance(milliseconds: number): void {
    this.offsetMs += milliseconds;
  }
}

export interface TestGateway {
  url: string;
  app: HttpApp;
  resources: PlatformResources;
  clock: TestClock;
  /** The owner of the default organization, with the bootstrap key. */
  admin: AdminClient;
  /** The owner's admin API key. */
  adminKey: string;
  /** Log lines so far. */
  log: string[];
  env: Record<string, string>;
  /** Waits until all records of calls so far are in the database. */
  flushRecords(): Promise<void>;
  close(): Promise<void>;
}

export interface GatewayOptions {
  /** Loopback hosts that replace public ones where the gateway fetches addresses named by clients. */
  publicHosts?: readonly string[];
}

export async function startGateway(
  overrides: Record<string, string> = {},
  { publicHosts }: GatewayOptions = {},
): Promise<TestGateway> {
  const database = await testDatabase();
  const port = await freePort();
  const adminKey = `arch_api_${randomBytes(32).toString('base64url')}`;
  const env: Record<string, string> = {
    PORT: String(port),
    HOST: '127.0.0.1',
    ENCRYPTION_KEYS: randomBytes(32).toString('base64'),
    ADMIN_EMAIL: 'owner@example.com',
    ADMIN_PASSWORD: 'correct horse battery staple',
    BOOTSTRAP_API_KEY: adminKey,
    UPSTREAM_ALLOWED_HOSTS: '127.0.0.1',
    LOG_LEVEL: 'debug',
    // Created only by features that need it: the embedded database of the tests is in memory.
    DATA_DIR: join(tmpdir(), `gatehouse-test-${randomBytes(6).toString('hex')}`),
    ...(database.url ? { DATABASE_URL: database.url } : {}),
    ...(process.env.TEST_REDIS_URL
      ? { REDIS_URL: process.env.TEST_REDIS_URL, REDIS_KEY_PREFIX: `test-${randomBytes(6).toString('hex')}:` }
      : {}),
    ...overrides,
  };
  const log: string[] = [];
  const clock = new TestClock();
  const config = loadConfig(env);
  const resources = await openPlatform(config, {
    entities: ENTITIES,
    clock,
    embedded: database.embedded,
    logSink: { write: (line) => void log.push(line) },
  });
  if (publicHosts) resources.publicEgress = new Egress({ ...config.upstream, allowedHosts: publicHosts });
  const app = await createHttpApp(resources);
  await runFirstStart(app.nest);
  await app.nest.listen(port, '127.0.0.1');
  const url = `http://localhost:${port}`;
  return {
    url,
    app,
    resources,
    clock,
    admin: new AdminClient(url, adminKey),
    adminKey,
    log,
    env,
    flushRecords: () => app.nest.get(UsageRecorder).flush(),
    close: async () => {
      await app.shutDown(0);
      await closePlatform(resources);
      await database.drop();
      await rm(env.DATA_DIR!, { recursive: true, force: true });
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
