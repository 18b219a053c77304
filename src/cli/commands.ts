/**
 * The commands of `gatehouse`. They resolve with the exit code. Results are written to standard output, errors in the
 * command line to standard error. Failures are thrown.
 */
import { join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DataSource, MigrationExecutor } from 'typeorm';
import { AppModule, ENTITIES } from '../app/app.module.js';
import { formatChainReport } from '../audit/chain/report.js';
import { AuditChainVerifier, type ChainEnd } from '../audit/chain/verifier.js';
import { SigningKeyStore } from '../oauth/signing-keys/signing-key.store.js';
import { buildInvitationUrl } from '../orgs/users/invitation.js';
import { OrganizationCreator } from '../orgs/setup/organization-creator.js';
import { LlmProxyLookup } from '../orgs/llm-proxies/llm-proxy.lookup.js';
import { rejectDuplicates } from '../orgs/organization/unique-fields.js';
import { AppConfig, loadConfig } from '../platform/config/app-config.js';
import { formatResealReport } from '../platform/crypto/reseal-report.js';
import { Resealer } from '../platform/crypto/resealer.js';
import { SealedBox } from '../platform/crypto/sealed-box.js';
import { lockDataDir } from '../platform/database/embedded/data-dir-lock.js';
import { listMigrationNames, createSqlMigrations } from '../platform/database/schema/migrations.js';
import { PgliteDatabase, createPgliteDriver } from '../platform/database/embedded/pglite-pool.js';
import { assertCompatible, MIGRATION_TABLE } from '../platform/database/schema/compatibility.js';
import { UnitOfWork } from '../platform/database/unit-of-work.js';
import { GatewayError } from '../platform/errors/gateway-error.js';
import { closePlatform, openPlatform } from '../platform/open-platform.js';
import type { OrgId } from '../platform/ids.js';
import type { PlatformResources } from '../platform/platform.module.js';
import { SEALED_COLUMNS } from '../app/sealed-columns.js';
import { Repricing, formatRepricingReport } from '../usage/prices/repricing.js';

/** The exit code for an invalid command line. */
export const WRONG_COMMAND_LINE = 2;

export interface NewOrganizationOptions {
  name: string;
  slug: string;
  ownerEmail: string;
}

export interface RepriceOptions {
  from: Date;
  to: Date;
  organization?: string;
  dryRun?: boolean;
}

export interface VerifyOptions {
  organization?: string;
  kept?: ChainEnd;
}

const ROTATED =
  'New signing keys are published now. They sign in an hour; the current ones stay published for another day.\n';
const ROTATED_AT_ONCE =
  'New signing keys sign now, and the previous ones are withdrawn. Clients that cached the key set fetch it again.\n';

export async function migrate(statusOnly: boolean): Promise<number> {
  const before = await readMigrations(commandConfig());
  if (statusOnly) {
    for (const name of before.applied) process.stdout.write(`applied  ${name}\n`);
    for (const name of before.pending) process.stdout.write(`pending  ${name}\n`);
    return before.pending.length > 0 ? 1 : 0;
  }
  await onPlatform(async () => undefined); // opening it migrates
  for (const name of before.pending) process.stdout.write(`applied  ${name}\n`);
  process.stdout.write('The database schema is up to date.\n');
  return 0;
}

/** Opens the database without changing it, which the platform never does. Throws `IncompatibleSchema`. */
async function readMigrations({ database }: AppConfig): Promise<{ applied: string[]; pending: string[] }> {
  const unlock = database.url === null ? lockDataDir(database.dataDir) : () => undefined;
  const pglite = () => createPgliteDriver(new PgliteDatabase({ dataDir: join(database.dataDir, 'pglite') }));
  const dataSource = new DataSource({
    type: 'postgres',
    ...(database.url === null ? { driver: pglite() } : { url: database.url, connectTimeoutMS: 5_000 }),
    migrations: createSqlMigrations(),
    migrationsTableName: MIGRATION_TABLE,
    installExtensions: false,
  });
  try {
    await dataSource.initialize();
    await assertCompatible(dataSource, listMigrationNames());
    const migrations = new MigrationExecutor(dataSource);
    const applied = await migrations.getExecutedMigrations();
    const pending = await migrations.getPendingMigrations();
    // The runner returns those of the table newest first.
    return { applied: applied.map(({ name }) => name).reverse(), pending: pending.map(({ name }) => name) };
  } finally {
    if (dataSource.isInitialized) await dataSource.destroy();
    unlock();
  }
}

export function reseal(): Promise<number> {
  return onPlatform(async ({ config, database }) => {
    const box = new SealedBox(config.encryptionKeys);
    let isComplete = true;
    for (const column of SEALED_COLUMNS) {
      const report = await new Resealer(database.dataSource, box, column).run();
      process.stdout.write(formatResealReport(report));
      isComplete &&= report.unopened.length === 0;
    }
    return isComplete ? 0 : 1;
  });
}

export function rotateSigningKey(atOnce: boolean): Promise<number> {
  return onNest(async (nest) => {
    await nest.get(SigningKeyStore, { strict: false }).rotate(atOnce);
    process.stdout.write(atOnce ? ROTATED_AT_ONCE : ROTATED);
    return 0;
  });
}

export function createOrganization({ name, slug, ownerEmail }: NewOrganizationOptions): Promise<number> {
  return onNest(async (nest, { config, database }) => {
    // The first start creates the first organization, and would take an existing one for its own.
    const [some] = await database.dataSource.query<unknown[]>('SELECT 1 FROM organization LIMIT 1');
    if (!some)
      throw new GatewayError(
        'conflict',
        'The database is empty. Start the gateway once: that creates its first organization.',
      );
    const creator = nest.get(OrganizationCreator, { strict: false });
    const given = { name, slug, isDefault: false, ownerEmail, ownerPasswordHash: null };
    const { organizationId, invitation } = await rejectDuplicates(
      nest.get(UnitOfWork, { strict: false }).run((work) => creator.create(work, given)),
    );
    const proxy = await nest.get(LlmProxyLookup, { strict: false }).getDefault(organizationId);
    const { publicUrl } = config.http;
    process.stdout.write(
      `Created the organization ${name} (${slug}).\n` +
        `  id            ${organizationId}\n` +
        `  LLM clients   ${publicUrl}/v1/<provider>/${proxy.id}\n` +
        `  owner         ${ownerEmail}\n` +
        `  invitation    ${buildInvitationUrl(publicUrl, invitation!)}\n` +
        `                shown this once; valid until ${invitation!.expiresAt.toISOString()}\n`,
    );
    return 0;
  });
}

export function verifyAuditLog({ organization, kept }: VerifyOptions): Promise<number> {
  if (kept && organization === undefined) {
    process.stderr.write('error: --kept is the end of one log: name its organization with --organization <slug>\n');
    return Promise.resolve(WRONG_COMMAND_LINE);
  }
  return onPlatform(async ({ database: { dataSource } }) => {
    let isInOrder = true;
    for (const { id, slug } of await organizationsOf(dataSource, organization)) {
      const report = await new AuditChainVerifier(dataSource, id, kept).run();
      process.stdout.write(formatChainReport(slug, report));
      isInOrder &&= report.firstBreak === null;
    }
    return isInOrder ? 0 : 1;
  });
}

/** Returns the organization with the slug, or all. Throws `not_found`. */
async function organizationsOf(
  dataSource: DataSource,
  slug: string | undefined,
): Promise<{ id: OrgId; slug: string }[]> {
  const found = await dataSource.query<{ id: OrgId; slug: string }[]>(
    'SELECT id, slug FROM organization WHERE slug = COALESCE($1, slug) ORDER BY id',
    [slug ?? null],
  );
  if (slug !== undefined && found.length === 0)
    throw new GatewayError('not_found', `No organization has the slug ${slug}.`);
  return found;
}

export function reprice({ from, to, organization, dryRun = false }: RepriceOptions): Promise<number> {
  if (from >= to) {
    process.stderr.write('error: --from must lie before --to\n');
    return Promise.resolve(WRONG_COMMAND_LINE);
  }
  return onNest(async (nest, { database: { dataSource } }) => {
    const repricing = nest.get(Repricing, { strict: false });
    for (const { id, slug } of await organizationsOf(dataSource, organization))
      process.stdout.write(formatRepricingReport(slug, await repricing.run(id, { from, to }, dryRun), dryRun));
    return 0;
  });
}

/** Runs a job in the server's application context, but without a server. */
function onNest(
  job: (nest: INestApplicationContext, resources: PlatformResources) => Promise<number>,
): Promise<number> {
  return onPlatform(async (resources) => {
    const nest = await NestFactory.createApplicationContext(AppModule.forRoot(resources), {
      abortOnError: false,
      logger: resources.logger,
    });
    try {
      return await job(nest, resources);
    } finally {
      await nest.close();
    }
  });
}

/** The configuration without the parts that a short-lived command does not need, and that a running server may hold. */
function commandConfig(): AppConfig {
  const config = loadConfig(process.env);
  for (const notice of config.notices) process.stderr.write(`${notice}\n`);
  return Object.freeze(
    Object.assign(new AppConfig(), config, { redis: null, metricsPort: null, otlpEndpoint: null, notices: [] }),
  );
}

async function onPlatform<T>(job: (resources: PlatformResources) => Promise<T>): Promise<T> {
  const resources = await openPlatform(commandConfig(), { entities: ENTITIES, logSink: process.stderr });
  try {
    return await job(resources);
  } finally {
    await closePlatform(resources);
  }
}
