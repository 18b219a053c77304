/** The demo's gateway: in this process, on a free port, with a temporary database in memory. */
import { randomBytes } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import type { PGliteOptions } from '@electric-sql/pglite';
import { loadConfig, type AppConfig } from '../../platform/config/app-config.js';
import { mintToken } from '../../platform/crypto/token-mint.js';
import { VENDORS } from '../providers/vendors.js';

/** Starts a gateway. Passed in as a parameter, because the demo must not import the app. */
export type StartGateway = (
  config: AppConfig,
  options: { listen: boolean; firstStart: boolean; embedded: PGliteOptions },
) => Promise<{ close(drainMs: number): Promise<void> }>;

export interface DemoGateway {
  url: string;
  adminKey: string;
  ownerEmail: string;
  ownerPassword: string;
  close(): Promise<void>;
}

/** Reads nothing from the environment: the demo must not touch a database that is configured there. */
export async function startDemoGateway(start: StartGateway, providerUrl: string): Promise<DemoGateway> {
  const adminKey = mintToken('arch_api_').expose();
  const ownerEmail = 'you@demo.example';
  const ownerPassword = randomBytes(12).toString('base64url');
  const port = await findFreePort();
  const config = loadConfig({
    PORT: String(port),
    HOST: '127.0.0.1',
    LOG_LEVEL: 'warn',
    ENCRYPTION_KEYS: randomBytes(32).toString('base64'),
    ADMIN_EMAIL: ownerEmail,
    ADMIN_PASSWORD: ownerPassword,
    BOOTSTRAP_API_KEY: adminKey,
    UPSTREAM_ALLOWED_HOSTS: '127.0.0.1',
    SPOOL_MAX_BYTES: '0',
    ...Object.fromEntries(
      VENDORS.map(({ id, basePath }) => [`LLM_${id.toUpperCase()}_BASE_URL`, providerUrl + basePath]),
    ),
  });
  const gateway = await start(config, { listen: true, firstStart: true, embedded: { dataDir: 'memory://' } });
  const close = (): Promise<void> => gateway.close(0);
  return { url: config.http.publicUrl, adminKey, ownerEmail, ownerPassword, close };
}

/** The port is chosen before the start, because the gateway's public address is part of its configuration. */
async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
