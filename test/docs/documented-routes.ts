/** Whether the gateway's LLM addresses that a text names are base URLs or paths that the code routes. */
import type { ProviderAdapter } from '../../src/providers/contract/provider-adapter.js';
import { findProvider } from '../../src/providers/registry.js';
import { findRoute } from '../../src/providers/routes/match.js';
import { readRouterCall } from '../../src/router/routing/router-call.js';

/** The gateway's origin, as snippets write it. Other hosts are vendors' own. */
const ADDRESS =
  /(?:https?:\/\/(?:localhost|127\.0\.0\.1|host\.docker\.internal):9000|https:\/\/gateway\.example|\$\{?GATEHOUSE(?:_URL)?\}?|\{gateway\})\/v1\b([^\s"'`)|<,;#]*)/g;
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
/** `$PROXY`, `${PROXY}`, `{proxyId}`, `[/{proxyId}]`, `…` */
const PLACEHOLDER = /^(?:\$\w+|\$?\{[^}]*\}|…|\.\.\.)$/;
const METHODS = ['GET', 'POST'];
/** What clients append to a base URL that ends within a vendor's path (`/v1/anthropic/v1`). */
const CLIENT_PATHS = ['chat/completions', 'messages', 'models/m:generateContent', 'chat', 'models'];

export interface NamedAddress {
  line: number;
  address: string;
  problem: string | null;
}

export function addressesIn(text: string): NamedAddress[] {
  return [...text.matchAll(ADDRESS)].map((match) => ({
    line: text.slice(0, match.index).split('\n').length,
    address: match[0],
    problem: pathProblem(match[1]!),
  }));
}

/** `below`: what follows `/v1`. Null: it is a base URL, or a path that is routed. */
export function pathProblem(below: string): string | null {
  const path = below.split('?', 1)[0]!.replace(/\[\/\{[^}]*\}\]/, '');
  const [, surface = '', ...segments] = path.replace(/[./]+$/, '').split('/');
  // `/v1` alone is the resource of OAuth; a variable provider can be any
  if (surface === '' || PLACEHOLDER.test(surface)) return null;
  const adapter = findProvider(surface);
  if (!adapter && surface !== 'model-router') return `${surface} is not a provider`;
  const [first] = segments;
  if (first !== undefined && (UUID.test(first) || PLACEHOLDER.test(first))) segments.shift();
  const rest = segments.map((segment) => segment.replace(/\$\{?\w+\}?|\{[^}]*\}|…/g, 'x')).join('/');
  if (rest === '') return null;
  const isRouted = adapter
    ? (tried: string) => isNamed(adapter, tried)
    : (tried: string) => METHODS.some((method) => readRouterCall(method, tried) !== null);
  const paths = [rest, ...CLIENT_PATHS.map((added) => `${rest}/${added}`)];
  return paths.some(isRouted) ? null : `${surface} has no path ${rest}`;
}

function isNamed(adapter: ProviderAdapter, path: string): boolean {
  return METHODS.some((method) => {
    const { operation } = findRoute(adapter, method, adapter.normalizePath(path)).rule;
    return operation !== 'other' && operation !== 'ambiguous_path';
  });
}
