import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer } from 'node:net';
import type { GatewayError } from '../errors/gateway-error.js';
import type { EgressHandler } from './egress-handler.js';
import { Egress, type EgressOptions } from './egress.js';
import type { HostLookup } from './pinned-connector.js';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function listening(server: Server | TcpServer, host: string, port = 0): Promise<number> {
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  closers.push(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as AddressInfo).port;
}

async function upstream(answer: RequestListener, host = '127.0.0.1', port = 0) {
  const requests: IncomingMessage[] = [];
  const counted = { connections: 0 };
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  server.on('connection', () => counted.connections++);
  const bound = await listening(server, host, port);
  return { port: bound, requests, counted, server };
}

function egressWith(options: Partial<EgressOptions>): Egress {
  const egress = new Egress({
    allowedHosts: [],
    connectTimeoutMs: 200,
    headersTimeoutMs: 200,
    idleTimeoutMs: 200,
    connectionsPerOrigin: 2,
    ...options,
  });
  closers.push(() => egress.close());
  return egress;
}

const resolvingTo = (...addresses: string[]): HostLookup => {
  return async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
};

interface Outcome {
  status?: number;
  body: string;
  error?: GatewayError & { code: string };
}

function send(egress: Egress, origin: string, path = '/'): Promise<Outcome> {
  return new Promise((resolve) => {
    const outcome: Outcome = { body: '' };
    const handler: EgressHandler = {
      onConnect: () => undefined,
      onHeaders: (status) => ((outcome.status = status), true),
      onData: (chunk) => ((outcome.body += chunk.toString()), true),
      onComplete: () => resolve(outcome),
      onError: (error) => resolve({ ...outcome, error: error as GatewayError }),
    };
    egress.dispatch(origin, { path, method: 'GET' }, handler);
  });
}

const limits = { timeoutMs: 2_000, maxBytes: 1_000 };

describe('permitted destinations', () => {
  it('a request to a private address is refused with upstream_unreachable without connecting', async () => {
    const { port, counted } = await upstream((_, response) => response.end('secret'));
    const egress = egressWith({});
    for (const host of ['127.0.0.1', '[::ffff:127.0.0.1]', '2130706433', '0x7f.1', 'localhost']) {
      await expect(egress.fetchBounded(`http://${host}:${port}/`, limits)).rejects.toMatchObject({
        code: 'upstream_unreachable',
        status: 502,
      });
    }
    expect(counted.connections).toBe(0);
  });

  it('a name that resolves to a private address is refused without showing the address', async () => {
    const egress = egressWith({ lookup: resolvingTo('8.8.8.8', '10.1.2.3') });
    const { error } = await send(egress, 'https://api.example.com');
    expect(error).toMatchObject({ code: 'upstream_unreachable', reason: 'address_not_allowed' });
    expect(error?.detail).toContain('UPSTREAM_ALLOWED_HOSTS');
    expect(error?.detail).not.toContain('10.1');
    expect(error?.internal).toContain('10.1.2.3');
  });

  it('a listed name is reachable over plain http on any port', async () => {
    const { port } = await upstream((_, response) => response.end('hello'));
    const egress = egressWith({ allowedHosts: ['model.internal'], lookup: resolvingTo('127.0.0.1') });
    expect(await send(egress, `http://model.internal:${port}`)).toEqual({ status: 200, body: 'hello' });
  });

  it('an unlisted name is reachable if all its addresses are in a listed range', async () => {
    const { port } = await upstream((_, response) => response.end('hello'));
    const egress = egressWith({ allowedHosts: ['127.0.0.0/24'], lookup: resolvingTo('127.0.0.1') });
    expect((await send(egress, `http://model.internal:${port}`)).body).toBe('hello');
  });

  it('each connection goes to the address that was checked for it', async () => {
    const outside = await upstream(
      (_, response) => response.setHeader('connection', 'close').end('outside'),
      '127.0.0.2',
    );
    const inside = await upstream((_, response) => response.end('inside'), '127.0.0.1', outside.port);
    const answers = ['127.0.0.2', '127.0.0.1'];
    const lookup: HostLookup = async () => [{ address: answers.shift() ?? '127.0.0.1', family: 4 }];
    const egress = egressWith({ allowedHosts: ['127.0.0.2'], lookup });
    const origin = `http://rebinding.example:${outside.port}`;

    expect((await send(egress, origin)).body).toBe('outside');
    expect(answers).toEqual(['127.0.0.1']);
    expect((await send(egress, origin)).error).toMatchObject({ reason: 'address_not_allowed' });
    expect(inside.counted.connections).toBe(0);
  });

  it('the egress ignores HTTP_PROXY', async () => {
    const proxy = await upstream((_, response) => response.end('proxy'));
    const { port } = await upstream((_, response) => response.end('direct'));
    const before = { ...process.env };
    Object.assign(process.env, {
      HTTP_PROXY: `http://127.0.0.1:${proxy.port}`,
      http_proxy: `http://127.0.0.1:${proxy.port}`,
    });
    const { body } = await send(egressWith({ allowedHosts: ['127.0.0.1'] }), `http://127.0.0.1:${port}`);
    process.env = before;
    expect(body).toBe('direct');
  });
});

describe('dispatch', () => {
  it('a connection is reused for the next request', async () => {
    const { port, counted, requests } = await upstream((_, response) => response.end('ok'));
    const egress = egressWith({ allowedHosts: ['127.0.0.1'], connectionsPerOrigin: 1 });
    for (let i = 0; i < 5; i++) await send(egress, `http://127.0.0.1:${port}`);
    expect(requests).toHaveLength(5);
    expect(counted.connections).toBe(1);
  });

  it('dispatch does not follow redirects', async () => {
    const { port, requests } = await upstream((_, response) =>
      response.writeHead(302, { location: '/elsewhere' }).end(),
    );
    const egress = egressWith({ allowedHosts: ['127.0.0.1'] });
    expect((await send(egress, `http://127.0.0.1:${port}`)).status).toBe(302);
    expect(requests).toHaveLength(1);
  });

  it('a request without response headers ends with UND_ERR_HEADERS_TIMEOUT', async () => {
    const { port, server } = await upstream(() => undefined);
    const egress = egressWith({ allowedHosts: ['127.0.0.1'] });
    closers.push(async () => server.closeAllConnections());
    expect((await send(egress, `http://127.0.0.1:${port}`)).error).toMatchObject({ code: 'UND_ERR_HEADERS_TIMEOUT' });
  });

  it('a response that stalls ends with UND_ERR_BODY_TIMEOUT', async () => {
    const { port, server } = await upstream((_, response) => void response.writeHead(200).write('half'));
    const egress = egressWith({ allowedHosts: ['127.0.0.1'] });
    closers.push(async () => server.closeAllConnections());
    const outcome = await send(egress, `http://127.0.0.1:${port}`);
    expect(outcome).toMatchObject({ status: 200, body: 'half', error: { code: 'UND_ERR_BODY_TIMEOUT' } });
  });

  it('a name that is not resolved in time ends with UND_ERR_CONNECT_TIMEOUT', async () => {
    const egress = egressWith({ lookup: () => new Promise(() => undefined) });
    expect((await send(egress, 'https://slow.example')).error).toMatchObject({ code: 'UND_ERR_CONNECT_TIMEOUT' });
  });

  it('a request is refused with upstream_saturated when too many wait', async () => {
    const { port, server } = await upstream(() => undefined);
    const egress = egressWith({ allowedHosts: ['127.0.0.1'], connectionsPerOrigin: 1, headersTimeoutMs: 60_000 });
    closers.push(async () => server.closeAllConnections());
    const outcomes = Array.from({ length: 7 }, () => send(egress, `http://127.0.0.1:${port}`));
    expect((await outcomes[6])?.error).toMatchObject({ code: 'upstream_unreachable', reason: 'upstream_saturated' });
    await egress.close();
    await Promise.all(outcomes);
  });

  it('closing the egress fails running requests and refuses later ones with shutting_down', async () => {
    const { port, server } = await upstream(() => undefined);
    const egress = egressWith({ allowedHosts: ['127.0.0.1'] });
    const running = send(egress, `http://127.0.0.1:${port}`);
    await new Promise((resolve) => server.once('request', resolve));
    await egress.close();
    expect((await running).error).toBeDefined();
    expect((await send(egress, `http://127.0.0.1:${port}`)).error).toMatchObject({ code: 'shutting_down' });
  });
});

describe('fetchBounded', () => {
  it('fetchBounded returns status, headers and body, including for status 404', async () => {
    const { port, requests } = await upstream((_, response) =>
      response.writeHead(404, { 'X-Twice': ['a', 'b'], 'content-type': 'application/json' }).end('{}'),
    );
    const egress = egressWith({ allowedHosts: ['127.0.0.1'] });
    const answer = await egress.fetchBounded(`http://127.0.0.1:${port}/keys?x=1`, {
      ...limits,
      headers: { 'x-a': 'b' },
    });
    expect(answer.status).toBe(404);
    expect(answer.headers).toMatchObject({ 'x-twice': 'a, b', 'content-type': 'application/json' });
    expect(answer.body.toString()).toBe('{}');
    expect(requests[0]).toMatchObject({ url: '/keys?x=1', method: 'GET' });
    expect(requests[0]?.headers).toMatchObject({
      accept: 'application/json',
      'accept-encoding': 'identity',
      'x-a': 'b',
    });
  });

  it('fetchBounded sends a request body', async () => {
    const { port } = await upstream((request, response) => void request.pipe(response));
    const egress = egressWith({ allowedHosts: ['127.0.0.1'] });
    const answer = await egress.fetchBounded(`http://127.0.0.1:${port}/`, { ...limits, method: 'POST', body: 'hello' });
    expect(answer.body.toString()).toBe('hello');
  });

  it('fetchBounded returns redirects without following them', async () => {
    const { port, requests } = await upstream((_, response) =>
      response.writeHead(307, { location: 'http://10.0.0.1/' }).end(),
    );
    const egress = egressWith({ allowedHosts: ['127.0.0.1'] });
    expect((await egress.fetchBounded(`http://127.0.0.1:${port}/`, limits)).status).toBe(307);
    expect(requests).toHaveLength(1);
  });

  it.each([
    ['declared', (length: number) => ({ 'content-length': String(length) })],
    ['chunked', () => ({})],
  ])('fetchBounded refuses a %s response that is too large', async (_name, headers) => {
    const { port } = await upstream((_, response) => response.writeHead(200, headers(1_001)).end('x'.repeat(1_001)));
    const egress = egressWith({ allowedHosts: ['127.0.0.1'] });
    await expect(egress.fetchBounded(`http://127.0.0.1:${port}/`, limits)).rejects.toMatchObject({
      code: 'upstream_unreachable',
      reason: 'response_too_large',
    });
  });

  it('fetchBounded refuses a compressed response', async () => {
    const { port } = await upstream((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'));
    const egress = egressWith({ allowedHosts: ['127.0.0.1'] });
    await expect(egress.fetchBounded(`http://127.0.0.1:${port}/`, limits)).rejects.toMatchObject({
      reason: 'response_encoded',
    });
  });

  it('fetchBounded ends a slow response at its total timeout and closes the connection', async () => {
    let closed = () => {};
    const gone = new Promise<void>((resolve) => (closed = resolve));
    const { port } = await upstream((request, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write('x'), 10);
      request.on('close', () => (clearInterval(drip), closed()));
    });
    const egress = egressWith({ allowedHosts: ['127.0.0.1'] });
    await expect(egress.fetchBounded(`http://127.0.0.1:${port}/`, { ...limits, timeoutMs: 100 })).rejects.toMatchObject(
      {
        code: 'upstream_timeout',
        reason: 'total_timeout',
      },
    );
    await gone;
  });

  it('fetchBounded reports a broken connection as connection_lost', async () => {
    const port = await listening(
      createTcpServer((socket) => socket.destroy()),
      '127.0.0.1',
    );
    const egress = egressWith({ allowedHosts: ['127.0.0.1'] });
    const failure = egress.fetchBounded(`http://127.0.0.1:${port}/`, limits);
    await expect(failure).rejects.toMatchObject({ code: 'upstream_unreachable', reason: 'connection_lost' });
  });
});

describe('checkUrl', () => {
  it('checkUrl returns an allowed URL', () => {
    expect(egressWith({}).checkUrl('https://api.example.com/v1').href).toBe('https://api.example.com/v1');
  });

  it('checkUrl rejects a URL with the reason and the field', () => {
    expect(() => egressWith({}).checkUrl('http://api.example.com', '/baseUrl')).toThrow(
      expect.objectContaining({
        code: 'validation_failed',
        detail: 'http is allowed only for hosts in UPSTREAM_ALLOWED_HOSTS.',
        fields: [{ pointer: '/baseUrl', detail: 'http is allowed only for hosts in UPSTREAM_ALLOWED_HOSTS.' }],
      }),
    );
    expect(() => egressWith({}).checkUrl('nonsense')).toThrow('This is not a URL.');
    expect(() => egressWith({}).checkUrl('https://a:b@api.example.com')).toThrow(/user name or password/);
  });
});
