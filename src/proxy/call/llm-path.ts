/**
 * Parses `/v1/<provider>[/<proxyId>]/<path>[?query]` from the raw URL: the path that is matched is, byte for byte, the
 * path that is sent on.
 */
import type { FastifyRequest } from 'fastify';
import type { CredentialSources } from '../../auth/credentials/presented-credential.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { isUuid, type ProxyId } from '../../platform/ids.js';
import { findDialectByUrl } from './dialect-by-url.js';

export interface LlmPath {
  readonly provider: string;
  readonly proxyId: ProxyId | null;
  /** Path below the provider segment (and the proxy id): without leading slash and query. */
  readonly path: string;
  /** Query with its question mark, or empty. May hold a credential: not for logs. */
  readonly query: string;
}

declare module 'fastify' {
  interface FastifyRequest {
    llmPath?: LlmPath;
  }
}

const PREFIX = '/v1/';
/** Long runs of hex digits and dashes are meant as an id, even if malformed. */
const ID_LIKE = /^[0-9a-f-]{30,40}$/i;

/** Returns the path of an LLM request, parsed once per request. Throws `proxy_not_found` for a malformed proxy id. */
export function getLlmPath(request: FastifyRequest): LlmPath {
  return (request.llmPath ??= readLlmPath(request.raw.url!));
}

export function readLlmPath(rawUrl: string): LlmPath {
  const queryStart = rawUrl.indexOf('?');
  const end = queryStart < 0 ? rawUrl.length : queryStart;
  const query = queryStart < 0 ? '' : rawUrl.slice(queryStart);
  const providerEnd = findSegmentEnd(rawUrl, PREFIX.length, end);
  const provider = rawUrl.slice(PREFIX.length, providerEnd);
  const idEnd = findSegmentEnd(rawUrl, providerEnd + 1, end);
  const segment = rawUrl.slice(providerEnd + 1, idEnd);
  if (isUuid(segment)) {
    return { provider, proxyId: segment.toLowerCase() as ProxyId, path: rawUrl.slice(idEnd + 1, end), query };
  }
  if (ID_LIKE.test(segment)) {
    throw new GatewayError('proxy_not_found', `${segment} is not an LLM proxy: an id is a UUID. Check the base URL.`);
  }
  return { provider, proxyId: null, path: rawUrl.slice(providerEnd + 1, end), query };
}

function findSegmentEnd(url: string, from: number, end: number): number {
  const slash = url.indexOf('/', from);
  return slash < 0 || slash > end ? end : slash;
}

const DEFAULT_SOURCES: CredentialSources = { apiKeyWins: false, queryKey: false };

/** Returns where clients of this path's dialect put their credential. */
export function getCredentialSources(request: FastifyRequest): CredentialSources {
  return findDialectByUrl(request.raw.url!).credentialSources ?? DEFAULT_SOURCES;
}
