import type { ServerResponse } from 'node:http';

const callbacksByResponse = new WeakMap<ServerResponse, Set<() => void>>();

/**
 * Calls back once the response is closed: completely sent, or abandoned by its client. The response has one listener
 * for any number of callbacks. A response that is already closed never calls back. Returns a function that removes the
 * callback.
 */
export function onceClosed(response: ServerResponse, callback: () => void): () => void {
  const callbacks = callbacksByResponse.get(response) ?? listenForClose(response);
  callbacks.add(callback);
  return () => void callbacks.delete(callback);
}

function listenForClose(response: ServerResponse): Set<() => void> {
  const callbacks = new Set<() => void>();
  callbacksByResponse.set(response, callbacks);
  response.once('close', () => {
    for (const callback of callbacks) callback();
  });
  return callbacks;
}
