#!/usr/bin/env node
/**
 * The `gatehouse` command. Exit codes: 0 done; 1 refused, failed, or not all of it done; 2 the command line is wrong.
 * What a command answers goes to standard output; logs and complaints go to standard error.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Command, CommanderError } from 'commander';
import { DataSource, MigrationExecutor } from 'typeorm';
import { AppModule, ENTITIES } from './app.module.js';
import { chainReportText } from './audit/audit-chain.report.js';
import { AuditChainVerifier, type ChainEnd } from './audit/audit-chain.verifier.js';
import { checkedEmail, checkedEnd, checkedInstant, checkedName, checkedSlug } from './cli-options.js';
import { runDemo } from './demo/demo.js';
import { SigningKeyStore } from './oauth/signing-keys/signing-key.store.js';
import { invitationUrl } from './orgs/invitation.js';
import { OrganizationCreator } from './orgs/organization-creator.js';
import { ProxyDirectory } from './orgs/proxy.directory.js';
import { refusingDuplicates } from './orgs/unique-violation.js';
import { AppConfig, loadConfig } from './platform/config/app-config.js';
import { resealReportText } from './platform/crypto/reseal-report.js';
import { Resealer } from './platform/crypto/resealer.js';
import { SealedBox } from './platform/crypto/sealed-box.js';
import { lockDataDir } from './platform/database/data-dir-lock.js';
import { sqlMigrations } from './platform/database/migrations.js';
import { PgliteDatabase, pgliteDriver } from './platform/database/pglite-pool.js';
import { UnitOfWork } from './platform/database/unit-of-work.js';
import { GatewayError } from './platform/errors/gateway-error.js';
import { closePlatform, openPlatform } from './platform/open-platform.js';
import type { OrgId } from './platform/ids.js';
import type { PlatformResources } from './platform/platform.module.js';
import { SEALED_COLUMNS } from './sealed-columns.js';
import { Rerating, rerateReportText } from './usage/rerating.js';
import { failureText, serve, startGateway } from './serve.js';

const WRONG_COMMAND_LINE = 2;

interface NewOrganizationOptions {
  name: string;
  slug: string;
  ownerEmail: string;
}

interface RerateOptions {
  from: Date;
  to: Date;
  organization?: string;
  dryRun?: boolean;
}

interface VerifyOptions {
  organization?: string;
  kept?: ChainEnd;
}

/** Resolves with the exit code. */
async function run(argv: readonly string[]): Promise<number> {
  let code = 0;
  const program = new Command('gatehouse').description('The LLM gateway whose strength is authentication.');
  const answer =
    <T>(action: (options: T) => Promise<number>) =>
    async (options: T): Promise<void> => {
      code = await action(options);
    };
  program.version(version()).exitOverride().showHelpAfterError('(see --help)');
  program
    .command('start')
    .description('start the gateway, as `npm start` does')
    .action(answer(() => serve(process.env)));
  program
    .command('migrate')
    .description('bring the database schema up to date; `start` does so by itself')
    .option('--status', 'only tell what is applied and what is not; exits 1 while something is not')
    .action(answer<{ status?: true }>(({ status }) => migrate(status === true)));
  program
    .command('reseal')
    .description('re-seal everything that is stored sealed with the first of ENCRYPTION_KEYS')
    .addHelpText('after', RESEAL_HELP)
    .action(answer(reseal));
  program
    .command('rotate-signing-key')
    .description('make the next keys that ID tokens are signed with; `start` does so by itself every 90 days')
    .option('--at-once', 'sign with them now and withdraw the present ones, because somebody else may have those')
    .action(answer<{ atOnce?: true }>(({ atOnce }) => rotateSigningKey(atOnce === true)));
  program
    .command('create-organization')
    .description('create a further organisation, with its default LLM proxy and an invitation for its owner')
    .requiredOption('--name <name>', 'its name', checkedName)
    .requiredOption('--slug <slug>', 'its short name, unique here: lower-case letters, digits and hyphens', checkedSlug)
    .requiredOption('--owner-email <address>', "the owner's e-mail address", checkedEmail)
    .action(answer<NewOrganizationOptions>(createOrganization));
  program
    .command('verify-audit-log')
    .description('look for audit entries that were changed, taken out, put in or reordered; exits 1 if there are any')
    .option('--organization <slug>', 'only the audit log of this organisation', checkedSlug)
    .option('--kept <end>', 'the end of the log as this command printed it before: <count>:<hash>', checkedEnd)
    .addHelpText('after', VERIFY_HELP)
    .action(answer<VerifyOptions>(verifyAuditLog));
  program
    .command('rerate')
    .description('reckon anew what calls cost, by the prices that are set now for the time of each call')
    .requiredOption('--from <instant>', 'calls from then on, such as 2030-01-31T00:00:00Z', checkedInstant)
    .requiredOption('--to <instant>', 'and before then', checkedInstant)
    .option('--organization <slug>', 'only calls of this organisation', checkedSlug)
    .option('--dry-run', 'only tell what would change')
    .addHelpText('after', RERATE_HELP)
    .action(answer<RerateOptions>(rerate));
  program
    .command('demo')
    .description('show the gateway at work, on a database in memory and a provider of its own')
    .option('--stay', 'keep it running afterwards, until Ctrl+C')
    .action(answer<{ stay?: true }>(({ stay }) => runDemo(stay === true, startGateway)));
  await program.parseAsync(argv);
  return code;
}

const RESEAL_HELP = `
To rotate the encryption key without a pause:
  1. put the new key behind the old one in ENCRYPTION_KEYS, everywhere, and restart
  2. put the new key first, everywhere, and restart
  3. run this command with the same ENCRYPTION_KEYS
  4. take the old key out`;

const VERIFY_HELP = `
Somebody who can write to the database can also write the whole log anew from some entry on. Keep the end that is
printed for each organisation somewhere else, and give it back with --kept: what stood then must still stand.`;

const RERATE_HELP = `
Records and statistics change together; calls may go on meanwhile, and what was broken off may be begun again. Limits keep
what they have counted. The audit log has that it was begun and what came of it.`;

const ROTATED =
  'New signing keys are published now. They sign in an hour; the present ones are published for a day more.\n';
const ROTATED_AT_ONCE =
  'New signing keys sign now, and the ones before are withdrawn. Clients that cached the key set ask for it again.\n';

async function migrate(onlyTell: boolean): Promise<number> {
  const before = await readMigrations(commandConfig());
  if (onlyTell) {
    for (const name of before.applied) process.stdout.write(`applied  ${name}\n`);
    for (const name of before.pending) process.stdout.write(`pending  ${name}\n`);
    return before.pending.length > 0 ? 1 : 0;
  }
  await onPlatform(async () => undefined); // opening it migrates
  for (const name of before.pending) process.stdout.write(`applied  ${name}\n`);
  process.stdout.write('The database schema is up to date.\n');
  return 0;
}

/** Opens the database without changing anything in it, which the platform never does. */
async function readMigrations({ database }: AppConfig): Promise<{ applied: string[]; pending: string[] }> {
  const unlock = database.url === null ? lockDataDir(database.dataDir) : () => undefined;
  const pglite = () => pgliteDriver(new PgliteDatabase({ dataDir: join(database.dataDir, 'pglite') }));
  const dataSource = new DataSource({
    type: 'postgres',
    ...(database.url === null ? { driver: pglite() } : { url: database.url, connectTimeoutMS: 5_000 }),
    migrations: sqlMigrations(),
    migrationsTableName: 'schema_migration',
    installExtensions: false,
  });
  try {
    await dataSource.initialize();
    const migrations = new MigrationExecutor(dataSource);
    const applied = await migrations.getExecutedMigrations();
    const pending = await migrations.getPendingMigrations();
    // The runner gives those of the table newest first.
    return { applied: applied.map(({ name }) => name).reverse(), pending: pending.map(({ name }) => name) };
  } finally {
    if (dataSource.isInitialized) await dataSource.destroy();
    unlock();
  }
}

function reseal(): Promise<number> {
  return onPlatform(async ({ config, database }) => {
    const box = new SealedBox(config.encryptionKeys);
    let isComplete = true;
    for (const column of SEALED_COLUMNS) {
      const report = await new Resealer(database.dataSource, box, column).run();
      process.stdout.write(resealReportText(report));
      isComplete &&= report.unopened.length === 0;
    }
    return isComplete ? 0 : 1;
  });
}

function rotateSigningKey(atOnce: boolean): Promise<number> {
  return onNest(async (nest) => {
    await nest.get(SigningKeyStore, { strict: false }).rotate(atOnce);
    process.stdout.write(atOnce ? ROTATED_AT_ONCE : ROTATED);
    return 0;
  });
}

function createOrganization({ name, slug, ownerEmail }: NewOrganizationOptions): Promise<number> {
  return onNest(async (nest, { config, database }) => {
    // The first one is made by the first start, which would take an organisation that it finds for its own.
    const [some] = await database.dataSource.query<unknown[]>('SELECT 1 FROM organisation LIMIT 1');
    if (!some)
      throw new GatewayError(
        'conflict',
        'The database is empty. Start the gateway once: that creates its first organisation.',
      );
    const creator = nest.get(OrganizationCreator, { strict: false });
    const given = { name, slug, isDefault: false, ownerEmail, ownerPasswordHash: null };
    const { organisationId, invitation } = await refusingDuplicates(
      nest.get(UnitOfWork, { strict: false }).run((work) => creator.create(work, given)),
    );
    const proxy = await nest.get(ProxyDirectory, { strict: false }).defaultOf(organisationId);
    const { publicUrl } = config.http;
    process.stdout.write(
      `Created the organisation ${name} (${slug}).\n` +
        `  id            ${organisationId}\n` +
        `  LLM clients   ${publicUrl}/v1/<provider>/${proxy.id}\n` +
        `  owner         ${ownerEmail}\n` +
        `  invitation    ${invitationUrl(publicUrl, invitation!)}\n` +
        `                shown this once; valid until ${invitation!.expiresAt.toISOString()}\n`,
    );
    return 0;
  });
}

function verifyAuditLog({ organization, kept }: VerifyOptions): Promise<number> {
  if (kept && organization === undefined) {
    process.stderr.write('error: --kept is the end of one log: say whose with --organization <slug>\n');
    return Promise.resolve(WRONG_COMMAND_LINE);
  }
  return onPlatform(async ({ database: { dataSource } }) => {
    let isInOrder = true;
    for (const { id, slug } of await organisationsOf(dataSource, organization)) {
      const report = await new AuditChainVerifier(dataSource, id, kept).run();
      process.stdout.write(chainReportText(slug, report));
      isInOrder &&= report.firstBreak === null;
    }
    return isInOrder ? 0 : 1;
  });
}

/** The one of the slug, or all. Throws `not_found`. */
async function organisationsOf(
  dataSource: DataSource,
  slug: string | undefined,
): Promise<{ id: OrgId; slug: string }[]> {
  const found = await dataSource.query<{ id: OrgId; slug: string }[]>(
    'SELECT id, slug FROM organisation WHERE slug = COALESCE($1, slug) ORDER BY id',
    [slug ?? null],
  );
  if (slug !== undefined && found.length === 0)
    throw new GatewayError('not_found', `There is no organisation with the slug ${slug}.`);
  return found;
}

function rerate({ from, to, organization, dryRun = false }: RerateOptions): Promise<number> {
  if (from >= to) {
    process.stderr.write('error: --from must lie before --to\n');
    return Promise.resolve(WRONG_COMMAND_LINE);
  }
  return onNest(async (nest, { database: { dataSource } }) => {
    const rerating = nest.get(Rerating, { strict: false });
    for (const { id, slug } of await organisationsOf(dataSource, organization))
      process.stdout.write(rerateReportText(slug, await rerating.run(id, { from, to }, dryRun), dryRun));
    return 0;
  });
}

/** Runs a job with everything that the server is made of, but without a server. */
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

/** The configuration without what a command that is soon over has no use for, and a server beside it may hold. */
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

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

run(process.argv).then(
  (code) => process.exit(code),
  (error: unknown) => {
    // Commander has said by then what is wrong with the command line, or shown what was asked for.
    if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : WRONG_COMMAND_LINE);
    process.stderr.write(`${failureText(error)}\n`);
    process.exit(1);
  },
);
