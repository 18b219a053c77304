import type { BoundedResponse } from '../../platform/egress/bounded-fetch.js';
import type { Egress } from '../../platform/egress/egress.js';
import { toHeaderRecord } from '../../platform/egress/header-record.js';
import type { ProviderAdapter, UpstreamRequest } from '../../providers/contract/provider-adapter.js';
import { getDialect } from '../../providers/dialects/registry.js';
import type { UpstreamCredential } from './upstream-credential.js';

const NO_BODY = Buffer.alloc(0);

/**
 * Sends a GET of the gateway's own with a stored key. `path`: below the base URL, with its query. Rejects with a
 * GatewayError of the egress.
 */
export async function fetchWithKey(
  egress: Egress,
  adapter: ProviderAdapter,
  key: UpstreamCredential,
  path: string,
  bounds: { readonly timeoutMs: number; readonly maxBytes: number },
): Promise<BoundedResponse> {
  const request: UpstreamRequest = {
    origin: key.origin,
    method: 'GET',
    path: `${key.basePath}/${path}`,
    headers: [...(getDialect(adapter.dialect).requiredHeaders ?? []), ...key.extraHeaders],
    body: NO_BODY,
  };
  if (key.secret !== null) await adapter.authorize(request, key.secret);
  return egress.fetchBounded(request.origin + request.path, { headers: toHeaderRecord(request.headers), ...bounds });
}
