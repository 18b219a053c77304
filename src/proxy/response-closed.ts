import type { ServerResponse } from 'node:http';

const waiting = new WeakMap<ServerResponse, Set<() => void>>();

/**
 * Calls back once the response is closed: sent, or its client gone. The response gets one listener, however many wait for it.
 * A response that is closed already calls nobody back. The result takes the callback back.
 */
export function onceClosed(response: ServerResponse, callback: () => void): () => void {
  const callbacks = waiting.get(response) ?? listening(response);
  callbacks.add(callback);
  return () => void callbacks.delete(callback);
}

function listening(response: ServerResponse): Set<() => void> {
  const callbacks = new Set<() => void>();
  waiting.set(response, callbacks);
  response.once('close', () => {
    for (const callback of callbacks) callback();
  });
  return callbacks;
}
