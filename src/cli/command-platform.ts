/** Opens what a command works on: the platform without modules, and its organizations. */
import { DataSource } from 'typeorm';
import { ENTITIES } from '../app/entities.js';
import { AppConfig, loadConfig } from '../platform/config/app-config.js';
import { GatewayError } from '../platform/errors/gateway-error.js';
import { closePlatform, openPlatform } from '../platform/open-platform.js';
import type { OrgId } from '../platform/ids.js';
import type { PlatformResources } from '../platform/platform.module.js';

/** The configuration without the parts that a short-lived command does not need, and that a running server may hold. */
export function loadCommandConfig(): AppConfig {
  const config = loadConfig(process.env);
  for (const notice of config.notices) process.stderr.write(`${notice}\n`);
  return Object.freeze(
    Object.assign(new AppConfig(), config, { redis: null, metricsPort: null, otlpEndpoint: null, notices: [] }),
  );
}

export async function runOnPlatform<T>(job: (resources: PlatformResources) => Promise<T>): Promise<T> {
  const resources = await openPlatform(loadCommandConfig(), { entities: ENTITIES, logSink: process.stderr });
  try {
    return await job(resources);
  } finally {
    await closePlatform(resources);
  }
}

/** Returns the organization with the slug, or all. Throws `not_found`. */
export async function findOrganizations(
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
