/**
 * The commands of `gatehouse` that need services of the modules. They resolve with the exit code. Results are written
 * to standard output, errors in the command line to standard error. Failures are thrown.
 */
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../app/app.module.js';
import { SigningKeyStore } from '../oauth/signing-keys/signing-key.store.js';
import { buildInvitationUrl } from '../orgs/users/invitation.js';
import { OrganizationCreator } from '../orgs/setup/organization-creator.js';
import { LlmProxyLookup } from '../orgs/llm-proxies/llm-proxy.lookup.js';
import { rejectDuplicates } from '../orgs/organization/unique-fields.js';
import { UnitOfWork } from '../platform/database/unit-of-work.js';
import { GatewayError } from '../platform/errors/gateway-error.js';
import type { PlatformResources } from '../platform/platform.module.js';
import { Repricing, formatRepricingReport } from '../usage/prices/repricing.js';
import { WRONG_COMMAND_LINE } from './exit-codes.js';
import { runOnPlatform, findOrganizations } from './command-platform.js';

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

const ROTATED =
  'New signing keys are published now. They sign in an hour; the current ones stay published for another day.\n';
const ROTATED_AT_ONCE =
  'New signing keys sign now, and the previous ones are withdrawn. Clients that cached the key set fetch it again.\n';

export function rotateSigningKey(atOnce: boolean): Promise<number> {
  return runWithModules(async (nest) => {
    await nest.get(SigningKeyStore, { strict: false }).rotate(atOnce);
    process.stdout.write(atOnce ? ROTATED_AT_ONCE : ROTATED);
    return 0;
  });
}

export function createOrganization({ name, slug, ownerEmail }: NewOrganizationOptions): Promise<number> {
  return runWithModules(async (nest, { config, database }) => {
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

export function reprice({ from, to, organization, dryRun = false }: RepriceOptions): Promise<number> {
  if (from >= to) {
    process.stderr.write('error: --from must lie before --to\n');
    return Promise.resolve(WRONG_COMMAND_LINE);
  }
  return runWithModules(async (nest, { database: { dataSource } }) => {
    const repricing = nest.get(Repricing, { strict: false });
    for (const { id, slug } of await findOrganizations(dataSource, organization))
      process.stdout.write(formatRepricingReport(slug, await repricing.run(id, { from, to }, dryRun), dryRun));
    return 0;
  });
}

/** Runs a job in the server's application context, but without a server. */
function runWithModules(
  job: (nest: INestApplicationContext, resources: PlatformResources) => Promise<number>,
): Promise<number> {
  return runOnPlatform(async (resources) => {
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
