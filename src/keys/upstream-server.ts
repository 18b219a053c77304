/** Which of a provider key's servers serves a model. Pure. */
import { GatewayError } from '../platform/errors/gateway-error.js';
import { matchesModel } from '../providers/model-patterns.js';
import type { ProviderAdapter } from '../providers/provider-adapter.js';
import type { UpstreamCredential, UpstreamServer } from './upstream-credential.js';

/**
 * The credential with the address of the server that serves `model`: the first that has a matching pattern. A call that names
 * no model goes to the first server. Throws `model_not_found` where none serves the model.
 */
export function atServer(
  credential: UpstreamCredential,
  adapter: ProviderAdapter,
  model: string | null,
): UpstreamCredential {
  const { servers } = credential;
  if (servers === undefined || model === null) return credential;
  const server = serverFor(servers, adapter, model);
  if (server) return addressed(credential, server);
  throw new GatewayError(
    'model_not_found',
    `No server of this ${adapter.displayName} key serves the model "${model.slice(0, 200)}". Ask GET models for those there are; an admin adds a pattern to the key's servers.`,
  );
}

/** The first server with a matching pattern. */
export const serverFor = (
  servers: readonly UpstreamServer[],
  adapter: ProviderAdapter,
  model: string,
): UpstreamServer | undefined => servers.find(({ models }) => matchesModel(models, adapter.id, model));

/** The credential as it is used with one of its servers. */
export const addressed = (
  credential: UpstreamCredential,
  { origin, basePath }: UpstreamServer,
): UpstreamCredential => ({
  ...credential,
  origin,
  basePath,
});

/**
 * Whether a model that `server` lists can be called there: no earlier server takes it. Lists of Azure name base models, while
 * calls name deployments, so that all of them count.
 */
export const isListedBy = (
  servers: readonly UpstreamServer[],
  server: UpstreamServer,
  adapter: ProviderAdapter,
  model: string,
): boolean => adapter.servers === 'by-deployment' || serverFor(servers, adapter, model) === server;
