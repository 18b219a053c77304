/** The secret sources that the configuration enables. */
import type { AppConfig } from '../../platform/config/app-config.js';
import { Egress } from '../../platform/egress/egress.js';
import { EnvSecretSource } from './env.secret-source.js';
import { SecretSources } from './registry.js';
import { VaultSecretSource } from './vault.secret-source.js';

/** Vault is read once per key, until the key changes. */
const VAULT_CONNECTIONS = 4;
const VAULT_TIMEOUT_MS = 3_000;

/** @param environment where `env:` references are read from */
export function createSecretSources(
  config: AppConfig,
  environment: Readonly<Record<string, string | undefined>>,
): SecretSources {
  const env = new EnvSecretSource(environment);
  if (!config.vault) return new SecretSources([env]);
  const { address, token, namespace } = config.vault;
  return new SecretSources([env, new VaultSecretSource(createVaultEgress(address), { address, token, namespace })]);
}

/**
 * Returns an egress to Vault alone. On the upstreams' egress, Vault would have to be an allowed host, and every user
 * who may save a provider's address could reach it.
 */
function createVaultEgress(address: string): Egress {
  const url = new URL(address);
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return new Egress({
    allowedHosts: [`${url.hostname}:${port}`],
    connectTimeoutMs: VAULT_TIMEOUT_MS,
    headersTimeoutMs: VAULT_TIMEOUT_MS,
    idleTimeoutMs: VAULT_TIMEOUT_MS,
    connectionsPerOrigin: VAULT_CONNECTIONS,
  });
}
