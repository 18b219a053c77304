import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EventEmitter, once } from 'node:events';
import { Egress } from '../../platform/egress/egress.js';
import type { ChatRequest, ImagePart } from '../../translation/pivot/chat.js';
import { RemoteFiles } from './remote-files.js';

const MIB = 1024 * 1024;

let server: Server;
let origin: string;
let answer: RequestListener;
let asked: string[];
const egress = new Egress({
  allowedHosts: ['127.0.0.1'],
  connectTimeoutMs: 2_000,
  headersTimeoutMs: 20_000,
  idleTimeoutMs: 20_000,
  connectionsPerOrigin: 8,
});

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url!);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await egress.close();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => (asked = []));

const sending =
  (bytes: number, type = 'image/png'): RequestListener =>
  (_request, response) =>
    void response.writeHead(200, { 'content-type': type }).end(Buffer.alloc(bytes));

/** A client's response, as far as `CallFiles` uses it. */
class Client extends EventEmitter {
  closed = false;
  leave(): void {
    this.closed = true;
    this.emit('close');
  }
  get response(): ServerResponse {
    return this as unknown as ServerResponse;
  }
}

const chatOf = (...paths: string[]): ChatRequest => ({
  model: 'm',
  messages: [
    {
      role: 'user',
      content: paths.map((path): ImagePart => ({ type: 'image_url', image_url: { url: `${origin}/${path}` } })),
    },
  ],
});
const urlsIn = (chat: ChatRequest): unknown[] =>
  (chat.messages[0]!.content as { image_url: { url: string } }[]).map(({ image_url: image }) => image.url);

it('remote files of a call are fetched once for all targets and vendors', async () => {
  answer = sending(3);
  const files = new RemoteFiles(egress).createCallFiles(new Client().response);
  for (let vendor = 0; vendor < 2; vendor++) {
    const chat = chatOf('a', 'b', 'a');
    await files.inline(chat);
    expect(urlsIn(chat)).toEqual(Array(3).fill('data:image/png;base64,AAAA'));
  }
  expect(asked.sort()).toEqual(['/a', '/b']);
});

it.each([
  ['image/png; charset=x', 'image/png'],
  ['image/png,x', 'application/octet-stream'],
  ['nonsense', 'application/octet-stream'],
])('a file of the type %j is inlined as %s', async (told, type) => {
  answer = sending(0, told);
  const chat = chatOf('a');
  await new RemoteFiles(egress).createCallFiles(new Client().response).inline(chat);
  expect(urlsIn(chat)).toEqual([`data:${type};base64,`]);
});

it.each([
  ['too large', sending(21 * MIB), ['a']],
  ['too large together', sending(17 * MIB), ['a', 'b']],
  ['too large when counted once per reference', sending(17 * MIB), ['a', 'a']],
  ['too many', sending(1), Array.from({ length: 21 }, (_, i) => `f${i}`)],
  ['redirected', (_request, response) => void response.writeHead(302, { location: '/b' }).end(), ['a']],
])('remote files that are %s are refused with invalid_body', async (_name, answering, paths) => {
  answer = answering;
  const inlined = new RemoteFiles(egress).createCallFiles(new Client().response).inline(chatOf(...paths));
  await expect(inlined).rejects.toMatchObject({ code: 'invalid_body' });
});

it('remote files are refused with temporarily_unavailable while other calls hold too much memory', async () => {
  answer = sending(16 * MIB);
  const remote = new RemoteFiles(egress);
  const clients: Client[] = [];
  const call = (): Promise<void> => {
    const client = new Client();
    clients.push(client);
    return remote.createCallFiles(client.response).inline(chatOf('a'));
  };
  for (let i = 0; i < 15; i++) await call();
  await call();
  await expect(call()).rejects.toMatchObject({ code: 'temporarily_unavailable' });
  for (const client of clients) client.leave();
  await call();
});

it('a download ends when the client disconnects', async () => {
  const reached = new EventEmitter();
  answer = (_request, response) => {
    response.writeHead(200).write('x');
    response.once('close', () => reached.emit('closed'));
    reached.emit('open');
  };
  const client = new Client();
  const [open, closed] = [once(reached, 'open'), once(reached, 'closed')];
  const inlined = new RemoteFiles(egress).createCallFiles(client.response).inline(chatOf('a'));
  await open;
  client.leave();
  await expect(inlined).rejects.toMatchObject({ reason: 'client_aborted' });
  await closed;
});
