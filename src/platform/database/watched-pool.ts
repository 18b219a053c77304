/**
 * node-postgres behind a circuit breaker, for TypeORM's postgres driver. While the database is unavailable no connection is
 * made, and who waits for one or for an answer is refused at once: packets that vanish would keep each of them for as long as
 * the longest query may take.
 */
import pg from 'pg';
import { databaseUnavailable } from '../errors/gateway-error.js';
import type { DatabaseHealth } from './database-health.js';
import { isUnreachable } from './database-outage.js';

const WATCH_MS = 250;
/** Far above a healthy answer; nothing is decided by it, it only has the database looked at. */
const SLOW_MS = 1_000;
/** A watch that comes so late was held up by this process itself, and so were the answers. */
const LATE_MS = 500;

const PROBE_MS = 1_500;

type ConnectCallback = (error: Error | undefined, client?: pg.PoolClient, release?: (error?: unknown) => void) => void;

/** What TypeORM's postgres driver takes as `driver`: an object with a `Pool` class. */
export function watchedDriver(health: DatabaseHealth): { Pool: unknown; native: undefined; defaults: object } {
  class Pool extends WatchedPool {
    constructor(options: pg.PoolConfig) {
      super(options, health);
    }
  }
  return { Pool, native: undefined, defaults: pg.defaults };
}

/** Makes a connection of its own and ends it. Rejects when there is no database to speak to. */
export async function probeDatabase(url: string): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: PROBE_MS,
    application_name: 'gatehouse probe',
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    // Whoever refuses us by a reason of its own is there.
    if (isUnreachable(error)) throw error;
  } finally {
    client.end().catch(() => undefined);
    setTimeout(() => cutConnection(client), PROBE_MS).unref();
  }
}

class WatchedPool extends pg.Pool {
  /** All connections, those that are being made too. */
  readonly #open: Set<WatchedClient>;
  /** Who waits for a connection, and since when. */
  readonly #waiting = new Map<ConnectCallback, number>();
  readonly #watch: NodeJS.Timeout;
  #watchedAt = performance.now();

  constructor(
    options: pg.PoolConfig,
    private readonly health: DatabaseHealth,
  ) {
    const open = new Set<WatchedClient>();
    class Client extends WatchedClient {
      constructor(config: pg.ClientConfig) {
        super(config, open, health);
      }
    }
    super({ ...options, Client } as unknown as pg.PoolConfig);
    this.#open = open;
    this.#watch = setInterval(() => this.#lookForSlow(), WATCH_MS).unref();
    this.on('error', () => health.doubt());
    health.onChange((state) => {
      if (state === 'unavailable') this.#abandon();
    });
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: ConnectCallback): void;
  override connect(callback?: ConnectCallback): Promise<pg.PoolClient> | void {
    if (callback) return this.#connect(callback);
    return new Promise((resolve, reject) =>
      this.#connect((error, client) => (error ? reject(error) : resolve(client!))),
    );
  }

  override end(): Promise<void>;
  override end(callback: () => void): void;
  override end(callback?: () => void): Promise<void> | void {
    clearInterval(this.#watch);
    if (!this.health.isAvailable) this.#abandon();
    return callback ? super.end(callback) : super.end();
  }

  #connect(callback: ConnectCallback): void {
    if (!this.health.isAvailable) return queueMicrotask(() => callback(databaseUnavailable(this.health.cause)));
    this.#waiting.set(callback, performance.now());
    super.connect((error, client, release) => {
      const isWaiting = this.#waiting.delete(callback);
      if (error && isUnreachable(error)) this.health.doubt();
      // Refused in the meantime: nobody is there to use it.
      if (!isWaiting) return error ? undefined : release();
      if (error) return callback(databaseUnavailable(error));
      const { isHanging } = client as unknown as WatchedClient;
      callback(undefined, client, (broken) => release((broken as Error) || isHanging()));
    });
  }

  #lookForSlow(): void {
    const now = performance.now();
    const isLate = now - this.#watchedAt > WATCH_MS + LATE_MS;
    this.#watchedAt = now;
    if (isLate) return;
    const since = [...this.#waiting.values(), ...[...this.#open].map(({ busySince }) => busySince ?? Infinity)];
    if (since.some((at) => now - at > SLOW_MS)) this.health.suspect();
  }

  /** Whoever waits is refused now. Connections that were there are not trusted again: packets may have been lost on them. */
  #abandon(): void {
    const waiting = [...this.#waiting.keys()];
    this.#waiting.clear();
    for (const callback of waiting) callback(databaseUnavailable(this.health.cause));
    for (const client of this.#open) cutConnection(client);
  }
}

class WatchedClient extends pg.Client {
  /** Monotonic milliseconds since when it waits for the answer to its queries; null: it waits for none. */
  busySince: number | null = null;

  constructor(config: pg.ClientConfig, open: Set<WatchedClient>, health: DatabaseHealth) {
    super(config);
    open.add(this);
    this.once('end', () => void open.delete(this));
    this.on('connect', () => health.heard());
    this.on('drain', () => {
      this.busySince = null;
      health.heard();
    });
  }

  /** A query that was given up still goes on: the next one would wait for its answer. */
  readonly isHanging = (): boolean => this.busySince !== null && performance.now() - this.busySince > SLOW_MS;

  override query(...asked: never[]): never {
    this.busySince ??= performance.now();
    return (super.query as (...asked: never[]) => never)(...asked);
  }
}

/** Ends a connection without a word to the other side, which may not be there. pg-pool itself does it so; it is not in the types. */
export const cutConnection = (client: pg.Client): void =>
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
