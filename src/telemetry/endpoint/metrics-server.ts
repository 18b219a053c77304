import { createServer, type Server } from 'node:http';
import { METRICS_CONTENT_TYPE } from '../metrics/registry.js';

/** Starts a server that serves only `GET /metrics`, so that metrics can have a port that is not public. */
export async function startMetricsServer(port: number, host: string, read: () => Promise<string>): Promise<Server> {
  const server = createServer((request, response) => {
    const path = request.url!.split('?', 1)[0];
    if (path !== '/metrics' || request.method !== 'GET') {
      response.writeHead(404).end();
      return;
    }
    read().then(
      (text) => response.writeHead(200, { 'content-type': METRICS_CONTENT_TYPE }).end(text),
      () => response.writeHead(503, { 'retry-after': '1' }).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return server;
}
