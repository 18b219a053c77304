import type { RoutedOperation, RouteRule } from '../../providers/contract/provider-adapter.js';

/** Operation that a path below the Model Router asks for, and thereby the client's format. */
export type RouterCall =
  | { kind: 'chat' | 'responses' | 'embeddings' | 'messages' | 'count_tokens' | 'models' }
  | { kind: 'model'; id: string };

/**
 * Reads method and path (no leading slash, no query). OpenAI clients often double `v1/`; only Messages paths have it by
 * specification. Null: no such path.
 */
export function readRouterCall(method: string, path: string): RouterCall | null {
  if (method === 'POST' && path === 'v1/messages') return { kind: 'messages' };
  if (method === 'POST' && path === 'v1/messages/count_tokens') return { kind: 'count_tokens' };
  const relativePath = path.startsWith('v1/') ? path.slice('v1/'.length) : path;
  if (method === 'POST') {
    if (relativePath === 'chat/completions') return { kind: 'chat' };
    if (relativePath === 'responses') return { kind: 'responses' };
    if (relativePath === 'embeddings') return { kind: 'embeddings' };
    return null;
  }
  if (method !== 'GET') return null;
  if (relativePath === 'models') return { kind: 'models' };
  return relativePath.startsWith('models/') ? parseModelCall(relativePath.slice('models/'.length)) : null;
}

function parseModelCall(escaped: string): RouterCall | null {
  try {
    return escaped === '' ? null : { kind: 'model', id: decodeURIComponent(escaped) };
  } catch {
    return null;
  }
}

/** Operations that the router serves itself, as they are recorded. */
export const LISTING: RoutedOperation = createGatewayOperation('list_models', 'model_listing');
export const COUNTING: RoutedOperation = createGatewayOperation('count_tokens', 'token_counting');

function createGatewayOperation(operation: string, kind: RouteRule['class']): RoutedOperation {
  return { rule: { method: '*', path: /^/, operation, class: kind, metered: false }, pathModel: null };
}
