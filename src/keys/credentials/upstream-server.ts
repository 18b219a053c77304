/** Chooses the server of a provider key that serves a model. Pure. */
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { matchesModel } from '../../providers/prices/model-patterns.js';
import type { ProviderAdapter } from '../../providers/contract/provider-adapter.js';
import type { UpstreamCredential, UpstreamServer } from './upstream-credential.js';

/**
 * Returns the credential with the address of the server that serves `model`: the first with a matching pattern. A call
 * without a model is sent to the first server. Throws `model_not_found` if none serves the model.
 */
export function selectServer(
  credential: UpstreamCredential,
  adapter: ProviderAdapter,
  model: string | null,
): UpstreamCredential {
  const { servers } = credential;
  if (servers === undefined || model === null) return credential;
  const server = findServer(servers, adapter, model);
  if (server) return applyServer(credential, server);
  throw new GatewayError(
    'model_not_found',
    `No server of this ${adapter.displayName} key serves the model "${model.slice(0, 200)}". Ask GET models for those there are; an admin adds a pattern to the key's servers.`,
  );
}

/** Returns the first server with a matching pattern. */
export const findServer = (
  servers: readonly UpstreamServer[],
  adapter: ProviderAdapter,
  model: string,
): UpstreamServer | undefined => servers.find(({ models }) => matchesModel(models, adapter.id, model));

/** Returns the credential for use with one of its servers. */
export const applyServer = (
  credential: UpstreamCredential,
  { origin, basePath }: UpstreamServer,
): UpstreamCredential => ({
  ...credential,
  origin,
  basePath,
});

/**
 * Whether a model that `server` lists can be called there: no earlier server serves it. Azure lists base models while
 * calls name deployments, so all of Azure's count.
 */
export const isListedBy = (
  servers: readonly UpstreamServer[],
  server: UpstreamServer,
  adapter: ProviderAdapter,
  model: string,
): boolean => adapter.servers === 'by-deployment' || findServer(servers, adapter, model) === server;
