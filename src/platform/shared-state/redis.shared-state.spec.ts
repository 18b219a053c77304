import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { RedisSharedState } from './redis.shared-state.js';

const redisUrl = process.env.TEST_REDIS_URL;
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const listen = (server: Server, port: number) =>
  new Promise<number>((resolve) =>
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
  );

function opened(port: number) {
  const changes: boolean[] = [];
  const waiting: (() => void)[] = [];
  const state = new RedisSharedState({
    url: `redis://127.0.0.1:${port}`,
    keyPrefix: `test:faults:${port}:`,
    commandTimeoutMs: 200,
    connectTimeoutMs: 200,
    onChange: (connected) => {
      changes.push(connected);
      waiting.splice(0).forEach((resolve) => resolve());
    },
  });
  closers.push(() => state.close());
  return { state, changes, nextChange: () => new Promise<void>((resolve) => waiting.push(resolve)) };
}

/** A proxy between the gateway and Redis that can disconnect, reconnect, or swallow data. */
class Wire {
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  readonly #target: URL;
  port = 0;
  swallow = false;

  constructor(url: string) {
    this.#target = new URL(url);
  }

  async up(): Promise<void> {
    this.#server = createServer((client) => {
      const redis = connect(Number(this.#target.port || 6379), this.#target.hostname);
      for (const socket of [client, redis]) this.#sockets.add(socket.on('error', () => undefined));
      client.on('data', (data) => void (this.swallow || redis.write(data))).on('close', () => redis.destroy());
      redis.on('data', (data) => client.write(data)).on('close', () => client.destroy());
    });
    this.port = await listen(this.#server, this.port);
  }

  async down(): Promise<void> {
    const closed = new Promise((resolve) => this.#server?.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

async function unusedPort(): Promise<number> {
  const server = createServer();
  const port = await listen(server, 0);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('unreachable Redis', () => {
  it('an unreachable Redis fails every call with status 503 and shared_state_unavailable', async () => {
    const { state } = opened(await unusedPort());
    const unavailable = { code: 'temporarily_unavailable', status: 503, reason: 'shared_state_unavailable' };
    await expect(state.increment('a', 1, 1_000)).rejects.toMatchObject(unavailable);
    await expect(state.setIfAbsent('a', 1_000)).rejects.toMatchObject(unavailable);
    await expect(state.ping()).rejects.toMatchObject(unavailable);
    await expect(state.ping()).rejects.toMatchObject({ detail: expect.not.stringContaining('127.0.0.1') });
  });

  it('a Redis that does not respond fails a call with temporarily_unavailable after the timeout', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => void sockets.push(socket.on('error', () => undefined)));
    closers.push(async () => (sockets.forEach((socket) => socket.destroy()), server.close()));
    const { state } = opened(await listen(server, 0));
    await expect(state.get('a')).rejects.toMatchObject({ code: 'temporarily_unavailable' });
  });

  it('the state can be closed while it is connecting', async () => {
    const { state } = opened(await unusedPort());
    await state.close();
    await expect(state.ping()).rejects.toMatchObject({ code: 'temporarily_unavailable' });
  });
});

(redisUrl ? describe : describe.skip)('an outage of Redis (TEST_REDIS_URL)', () => {
  async function throughWire() {
    const wire = new Wire(redisUrl ?? '');
    await wire.up();
    closers.push(() => wire.down());
    return { wire, ...opened(wire.port) };
  }

  it('the connection to Redis is restored without intervention', async () => {
    const { wire, state, changes, nextChange } = await throughWire();
    await state.set('a', 'kept', 60_000);
    const lost = nextChange();
    await wire.down();
    await lost;
    await expect(state.get('a')).rejects.toMatchObject({ code: 'temporarily_unavailable' });

    const found = nextChange();
    await wire.up();
    await found;
    expect(await state.take('a')).toBe('kept');
    expect(changes).toEqual([true, false, true]);
  });

  it('a command that failed during an outage is not executed afterwards', async () => {
    const { wire, state, nextChange } = await throughWire();
    await state.increment('b', 1, 60_000);
    wire.swallow = true;
    await expect(state.increment('b', 1, 60_000)).rejects.toMatchObject({ code: 'temporarily_unavailable' });
    const lost = nextChange();
    await wire.down();
    await lost;
    await expect(state.increment('b', 1, 60_000)).rejects.toMatchObject({ code: 'temporarily_unavailable' });

    wire.swallow = false;
    const found = nextChange();
    await wire.up();
    await found;
    expect(await state.count('b')).toMatchObject({ value: 1 });
    await state.delete('b');
  });

  it('a hanging connection is closed and replaced', async () => {
    const { wire, state, nextChange } = await throughWire();
    await state.ping();
    const lost = nextChange();
    wire.swallow = true;
    await expect(state.ping()).rejects.toMatchObject({ code: 'temporarily_unavailable' });
    await lost;
    const found = nextChange();
    wire.swallow = false;
    await found;
    await state.ping();
  });

  it('a script that Redis has forgotten is sent again', async () => {
    const { state } = await throughWire();
    const script = {
      name: 'test-forgotten',
      lua: `return ARGV[1] .. '-${Date.now()}'`,
      runInProcess: () => '',
    };
    expect(await state.run(script, ['k'], ['first'])).toMatch(/^first-/);
    expect(await state.run(script, ['k'], ['second'])).toMatch(/^second-/);
  });
});
