/** `/v1/<provider>[/<proxyId>]/<path>[?query]`, read off the raw URL: what is matched is, byte for byte, what is sent on. */
import type { FastifyRequest } from 'fastify';
import type { CredentialPlaces } from '../auth/presented-credential.js';
import { GatewayError } from '../platform/errors/gateway-error.js';
import { isUuid, type ProxyId } from '../platform/ids.js';
import type { DialectId } from '../providers/dialects/dialect.js';
import { dialectOfUrl } from './dialect-of-url.js';

export interface LlmPath {
  readonly provider: string;
  readonly proxyId: ProxyId | null;
  /** Below the provider segment (and the proxy id): no leading slash, no query. */
  readonly path: string;
  /** With its question mark, or empty. May hold a credential: not for logs. */
  readonly query: string;
}

declare module 'fastify' {
  interface FastifyRequest {
    llmPath?: LlmPath;
  }
}

const PREFIX = '/v1/';
/** Long runs of hex digits and dashes are meant as an id, whatever their form. */
const ID_LIKE = /^[0-9a-f-]{30,40}$/i;

/** The path of an LLM request, read once per request. Throws `proxy_not_found` for what is meant as an id but is none. */
export function llmPathOf(request: FastifyRequest): LlmPath {
  return (request.llmPath ??= readLlmPath(request.raw.url!));
}

export function readLlmPath(rawUrl: string): LlmPath {
  const question = rawUrl.indexOf('?');
  const end = question < 0 ? rawUrl.length : question;
  const query = question < 0 ? '' : rawUrl.slice(question);
  const providerEnd = segmentEnd(rawUrl, PREFIX.length, end);
  const provider = rawUrl.slice(PREFIX.length, providerEnd);
  const idEnd = segmentEnd(rawUrl, providerEnd + 1, end);
  const segment = rawUrl.slice(providerEnd + 1, idEnd);
  if (isUuid(segment)) {
    return { provider, proxyId: segment.toLowerCase() as ProxyId, path: rawUrl.slice(idEnd + 1, end), query };
  }
  if (ID_LIKE.test(segment)) {
    throw new GatewayError('proxy_not_found', `There is no LLM proxy ${segment}: an id is a UUID. Check the base URL.`);
  }
  return { provider, proxyId: null, path: rawUrl.slice(providerEnd + 1, end), query };
}

function segmentEnd(url: string, from: number, end: number): number {
  const slash = url.indexOf('/', from);
  return slash < 0 || slash > end ? end : slash;
}

const DEFAULT_PLACES: CredentialPlaces = { apiKeyWins: false, queryKey: false, cookie: null };
const PLACES: Partial<Record<DialectId, CredentialPlaces>> = {
  anthropic: { apiKeyWins: true, queryKey: false, cookie: null },
  gemini: { apiKeyWins: false, queryKey: true, cookie: null },
};

/** Where clients who speak this path's language put their credential. */
export function credentialPlaces(request: FastifyRequest): CredentialPlaces {
  return PLACES[dialectOfUrl(request.raw.url!).id] ?? DEFAULT_PLACES;
}
