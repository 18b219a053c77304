import type { RoutedOperation, RouteRule } from '../../providers/provider-adapter.js';

/** What a path below the Model Router asks for, in the language it is asked in. */
export type RouterCall =
  | { kind: 'chat' | 'responses' | 'embeddings' | 'messages' | 'count_tokens' | 'models' }
  | { kind: 'model'; id: string };

/**
 * Reads method and path (no leading slash, no query). A doubled `v1/` is the OpenAI clients' habit; only Messages paths
 * have it by right. Null: there is nothing of the kind.
 */
export function routerCall(method: string, path: string): RouterCall | null {
  if (method === 'POST' && path === 'v1/messages') return { kind: 'messages' };
  if (method === 'POST' && path === 'v1/messages/count_tokens') return { kind: 'count_tokens' };
  const below = path.startsWith('v1/') ? path.slice('v1/'.length) : path;
  if (method === 'POST') {
    if (below === 'chat/completions') return { kind: 'chat' };
    if (below === 'responses') return { kind: 'responses' };
    if (below === 'embeddings') return { kind: 'embeddings' };
    return null;
  }
  if (method !== 'GET') return null;
  if (below === 'models') return { kind: 'models' };
  return below.startsWith('models/') ? modelCall(below.slice('models/'.length)) : null;
}

function modelCall(escaped: string): RouterCall | null {
  try {
    return escaped === '' ? null : { kind: 'model', id: decodeURIComponent(escaped) };
  } catch {
    return null;
  }
}

/** What the router answers by itself, as it is written down. */
export const listing: RoutedOperation = ownOperation('list_models', 'model_listing');
export const counting: RoutedOperation = ownOperation('count_tokens', 'token_counting');

function ownOperation(operation: string, kind: RouteRule['class']): RoutedOperation {
  return { rule: { method: '*', path: /^/, operation, class: kind, metered: false }, pathModel: null };
}
