import { randomBytes } from 'node:crypto';
import { AuditLog } from '../../../src/audit/entries/audit-log.js';
import { ENTITIES } from '../../../src/app/entities.js';
import { BootstrapApiKey } from '../../../src/keys/admin-api-keys/bootstrap-api-key.js';
import { FirstStart } from '../../../src/orgs/setup/first-start.js';
import { OrganizationCreator } from '../../../src/orgs/setup/organization-creator.js';
import { OwnerReader } from '../../../src/orgs/setup/owner.reader.js';
import { verifyPassword } from '../../../src/orgs/sign-in/password-hash.js';
import { Secret } from '../../../src/platform/crypto/secret.js';
import { loadConfig } from '../../../src/platform/config/app-config.js';
import { UnitOfWork } from '../../../src/platform/database/unit-of-work.js';
import { AuthEvents } from '../../../src/platform/events/auth-events.js';
import { closePlatform, openPlatform } from '../../../src/platform/open-platform.js';
import type { PlatformResources } from '../../../src/platform/platform.module.js';
import { testDatabase, type TestDatabase } from '../../support/gateway/databases.js';

const ENCRYPTION_KEYS = randomBytes(32).toString('base64');
const API_KEY = 'arch_api_a-key-of-no-checksum-that-somebody-made-up';

describe('first start', () => {
  let database: TestDatabase;
  let resources: PlatformResources;
  let unitOfWork: UnitOfWork;

  beforeEach(async () => {
    database = await testDatabase();
    const config = loadConfig({
      ENCRYPTION_KEYS,
      LOG_LEVEL: 'silent',
      ...(database.url ? { DATABASE_URL: database.url } : {}),
    });
    resources = await openPlatform(config, { entities: ENTITIES, embedded: database.embedded });
    unitOfWork = new UnitOfWork(resources.database.dataSource, new AuthEvents(resources.clock, 'in-process'));
  });
  afterEach(async () => {
    await closePlatform(resources);
    await database.drop();
  });

  const audit = () => new AuditLog(resources.clock);
  const firstStart = (environment: Record<string, string> = {}) => {
    const config = loadConfig({ ENCRYPTION_KEYS, ...environment });
    const creator = new OrganizationCreator(audit(), resources.clock);
    return new FirstStart(resources.database.dataSource, unitOfWork, creator, config);
  };
  const bootstrap = () => new BootstrapApiKey(unitOfWork, new OwnerReader(), audit(), resources.clock);
  const rows = <T>(table: string): Promise<T[]> => resources.database.dataSource.query<T[]>(`SELECT * FROM ${table}`);

  it('the first start creates the organization, an owner with a generated password and the default LLM proxy', async () => {
    const owner = await firstStart().run();
    expect(owner).toEqual({ email: 'admin@localhost', generatedPassword: expect.any(Secret) });
    expect(await rows('organization')).toMatchObject([
      { name: 'Default organization', slug: 'default', is_default: true },
    ]);
    const [user] = await rows<Record<string, string>>('app_user');
    expect(user).toMatchObject({
      email: 'admin@localhost',
      role: 'owner',
      is_disabled: false,
      email_verified_at: expect.any(Date),
    });
    expect(user!.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await verifyPassword(user!.password_hash!, owner!.generatedPassword!)).toBe(true);
    expect(await rows('llm_proxy')).toMatchObject([{ name: 'default', is_default: true }]);
  });

  it('the first start uses ADMIN_EMAIL and ADMIN_PASSWORD and generates no password', async () => {
    const owner = await firstStart({ ADMIN_EMAIL: 'Ada@Example.com', ADMIN_PASSWORD: 'a long enough password' }).run();
    expect(owner).toEqual({ email: 'ada@example.com', generatedPassword: null });
    const [user] = await rows<Record<string, string>>('app_user');
    expect(await verifyPassword(user!.password_hash!, new Secret('a long enough password'))).toBe(true);
    expect(await verifyPassword(user!.password_hash!, new Secret('another password'))).toBe(false);
  });

  it('concurrent and repeated first starts create one organization', async () => {
    const outcomes = await Promise.all([firstStart().run(), firstStart().run(), firstStart().run()]);
    expect(outcomes.filter((owner) => owner !== null)).toHaveLength(1);
    expect(await firstStart().run()).toBeNull();
    for (const table of ['organization', 'app_user', 'llm_proxy']) expect(await rows(table)).toHaveLength(1);
  });

  it('the first start on a shared database fails without ADMIN_EMAIL and ADMIN_PASSWORD and names them', async () => {
    const start = firstStart({ DATABASE_URL: 'postgres://localhost/x', ADMIN_EMAIL: 'ada@example.com' });
    await expect(start.run()).rejects.toThrow(/ADMIN_EMAIL, ADMIN_PASSWORD/);
    expect(await rows('organization')).toEqual([]);
  });

  it('the configured admin API key is stored for the owner once', async () => {
    expect(await bootstrap().run(new Secret(API_KEY))).toBe(false);
    await firstStart().run();
    const outcomes = await Promise.all([bootstrap().run(new Secret(API_KEY)), bootstrap().run(new Secret(API_KEY))]);
    expect(outcomes.sort()).toEqual([false, true]);
    const [user] = await rows<{ id: string }>('app_user');
    expect(await rows('admin_api_key')).toMatchObject([
      { user_id: user!.id, scopes: ['admin:read', 'admin:write'], expires_at: null },
    ]);
    expect(await bootstrap().run(null)).toBe(false);
  });
});
