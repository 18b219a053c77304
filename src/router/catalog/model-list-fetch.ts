/** Fetches a provider's list of models with a stored key, page by page. */
import { fetchWithKey } from '../../keys/credentials/keyed-fetch.js';
import type { UpstreamCredential } from '../../keys/credentials/upstream-credential.js';
import { applyServer, isListedBy } from '../../keys/credentials/upstream-server.js';
import type { Egress } from '../../platform/egress/egress.js';
import type { ProviderAdapter } from '../../providers/contract/provider-adapter.js';
import type { ListedModel, ModelListFormat } from '../../providers/dialects/base/model-list.js';
import { getDialect } from '../../providers/dialects/registry.js';

const BOUNDS = {
  /** Timeout per page, from the call to the last byte. No caller waits for it that long. */
  timeoutMs: 15_000,
  /** The longest list (OpenRouter's) is about half a megabyte. */
  maxBytes: 4 * 1024 * 1024,
};
const MAX_PAGES = 20;
/** Maximum number of models of a list. OpenRouter has about 400. */
export const MAX_MODELS = 5_000;

/** Error for a provider that responded, but not with a list. */
export class ModelListRejected extends Error {
  constructor(readonly status: number) {
    super(`the request for the list of models returned status ${status}`);
  }
}

export interface ModelListAddress {
  paths: readonly string[];
  format: ModelListFormat;
}

/** Returns where and in which format the provider lists its models. Null where it does not list them. */
export function getModelList(adapter: ProviderAdapter): ModelListAddress | null {
  const path = adapter.modelListPath === undefined ? adapter.testPath : adapter.modelListPath;
  const format = getDialect(adapter.dialect).modelList;
  return path === null || !format ? null : { paths: [path, ...(format.furtherPaths ?? [])], format };
}

/**
 * Returns each model once; for a key with several servers, the models of all of them. Throws `ModelListRejected`, a
 * GatewayError of the egress, or an Error for a document that is not a list.
 */
export async function fetchModelList(
  egress: Egress,
  adapter: ProviderAdapter,
  key: UpstreamCredential,
  address: ModelListAddress,
): Promise<ListedModel[]> {
  const { servers } = key;
  if (!servers) return fetchServerList(egress, adapter, key, address);
  const results = await Promise.allSettled(
    servers.map((server) => fetchServerList(egress, adapter, applyServer(key, server), address)),
  );
  const rejected = results.find((result) => result.status === 'rejected');
  if (rejected && results.every((result) => result.status === 'rejected')) throw rejected.reason;
  const found = new Map<string, ListedModel>();
  for (const [i, result] of results.entries()) {
    for (const model of result.status === 'fulfilled' ? result.value : [])
      if (!found.has(model.model) && isListedBy(servers, servers[i]!, adapter, model.model))
        found.set(model.model, model);
  }
  return [...found.values()].slice(0, MAX_MODELS);
}

async function fetchServerList(
  egress: Egress,
  adapter: ProviderAdapter,
  key: UpstreamCredential,
  { paths, format }: ModelListAddress,
): Promise<ListedModel[]> {
  const found = new Map<string, ListedModel>();
  for (const path of paths) {
    let query: string | null = format.first;
    for (let page = 0; query !== null && page < MAX_PAGES && found.size < MAX_MODELS; page++) {
      const document = await fetchPage(egress, adapter, key, query === '' ? path : `${path}?${query}`);
      const { models, next } = format.read(document);
      for (const model of models) if (found.size < MAX_MODELS) found.set(model.model, model);
      // A server that ignores the query for the next page would return the first one forever.
      query = next === query ? null : next;
    }
  }
  return [...found.values()];
}

async function fetchPage(
  egress: Egress,
  adapter: ProviderAdapter,
  key: UpstreamCredential,
  path: string,
): Promise<unknown> {
  const { status, body } = await fetchWithKey(egress, adapter, key, path, BOUNDS);
  if (status !== 200) throw new ModelListRejected(status);
  return JSON.parse(body.toString()) as unknown;
}
