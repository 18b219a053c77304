import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedEvent {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Responds per path as configured; otherwise with 204. */
export class WebhookReceiver {
  readonly received: ReceivedEvent[] = [];
  readonly answers = new Map<string, (response: ServerResponse) => void>();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<WebhookReceiver> {
    const server = createServer();
    const receiver = new WebhookReceiver(server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const path = request.url!;
        receiver.received.push({ path, headers: request.headers, body: Buffer.concat(chunks).toString() });
        const answer = receiver.answers.get(path);
        if (answer) answer(response);
        else response.writeHead(204).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
    return receiver;
  }

  urlOf = (path: string, host = '127.0.0.1'): string =>
    `http://${host}:${(this.server.address() as AddressInfo).port}${path}`;

  at = (path: string): ReceivedEvent[] => this.received.filter((one) => one.path === path);

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
