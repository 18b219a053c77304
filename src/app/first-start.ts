/**
 * Initializes an empty database before the first request: an organization with its owner, and keys for scripts to begin
 * with.
 */
import type { INestApplicationContext } from '@nestjs/common';
import { BootstrapApiKey } from '../keys/admin-api-keys/bootstrap-api-key.js';
import { FirstStart } from '../orgs/setup/first-start.js';
import { AppConfig } from '../platform/config/app-config.js';
import { mintToken } from '../platform/crypto/token-mint.js';
import type { Secret } from '../platform/crypto/secret.js';

/** Created credentials, to be shown once. */
export interface FirstOwnerAccess {
  email: string;
  /** Null when it was configured. */
  password: Secret | null;
  /** Null when it was configured, or on a shared database, where the output may be read by others. */
  apiKey: Secret | null;
}

/** Returns null when the database was not empty. Safe in any number of concurrent processes. */
export async function runFirstStart(nest: INestApplicationContext): Promise<FirstOwnerAccess | null> {
  const config = nest.get(AppConfig);
  const owner = await nest.get(FirstStart).run();
  const generated = owner && !config.database.url && !config.firstStart.apiKey ? mintToken('arch_api_') : null;
  await nest.get(BootstrapApiKey).run(generated ?? config.firstStart.apiKey);
  return owner && { email: owner.email, password: owner.generatedPassword, apiKey: generated };
}
