/**
 * node-postgres behind a circuit breaker, for TypeORM's postgres driver. While the database is unavailable, no
 * connection is made, and callers that wait for a connection or a result are refused immediately: lost packets would
 * make each of them wait for as long as the longest query may take.
 */
import pg from 'pg';
import { createDatabaseUnavailableError } from '../../errors/gateway-error.js';
import type { DatabaseHealth } from './database-health.js';
import { isUnreachable } from '../../errors/database-outage.js';

const WATCH_MS = 250;
/** Far above a healthy response time. It decides nothing; it only triggers a probe. */
const SLOW_MS = 1_000;
/** A watch that is this late was delayed by this process itself, and so were the results. */
const LATE_MS = 500;

const PROBE_TIMEOUT_MS = 1_500;

type ConnectCallback = (error: Error | undefined, client?: pg.PoolClient, release?: (error?: unknown) => void) => void;

/** Value of `driver` for TypeORM's postgres driver: an object with a `Pool` class. */
export function createWatchedDriver(health: DatabaseHealth): { Pool: unknown; native: undefined; defaults: object } {
  class Pool extends WatchedPool {
    constructor(options: pg.PoolConfig) {
      super(options, health);
    }
  }
  return { Pool, native: undefined, defaults: pg.defaults };
}

/** Opens a separate connection and ends it. Rejects when it reaches no database. */
export async function probeDatabase(url: string): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: PROBE_TIMEOUT_MS,
    application_name: 'gatehouse probe',
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    // A server that refuses the connection for a reason of its own is available.
    if (isUnreachable(error)) throw error;
  } finally {
    client.end().catch(() => undefined);
    setTimeout(() => destroyConnection(client), PROBE_TIMEOUT_MS).unref();
  }
}

class WatchedPool extends pg.Pool {
  /** All connections, including those that are being opened. */
  readonly #open: Set<WatchedClient>;
  /** Callers that wait for a connection, and since when (monotonic milliseconds). */
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
    this.#watch = setInterval(() => this.#checkSlowQueries(), WATCH_MS).unref();
    this.on('error', () => health.startProbe());
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
    if (!this.health.isAvailable)
      return queueMicrotask(() => callback(createDatabaseUnavailableError(this.health.cause)));
    this.#waiting.set(callback, performance.now());
    super.connect((error, client, release) => {
      const isWaiting = this.#waiting.delete(callback);
      if (error && isUnreachable(error)) this.health.startProbe();
      // The caller was refused meanwhile and will not use the connection.
      if (!isWaiting) return error ? undefined : release();
      if (error) return callback(createDatabaseUnavailableError(error));
      const { isHanging } = client as unknown as WatchedClient;
      callback(undefined, client, (broken) => release((broken as Error) || isHanging()));
    });
  }

  #checkSlowQueries(): void {
    const now = performance.now();
    const isLate = now - this.#watchedAt > WATCH_MS + LATE_MS;
    this.#watchedAt = now;
    if (isLate) return;
    const since = [...this.#waiting.values(), ...[...this.#open].map(({ busySince }) => busySince ?? Infinity)];
    if (since.some((at) => now - at > SLOW_MS)) this.health.probeUnlessRecent();
  }

  /** Refuses all waiting callers. Existing connections are not trusted again: packets may have been lost on them. */
  #abandon(): void {
    const waiting = [...this.#waiting.keys()];
    this.#waiting.clear();
    for (const callback of waiting) callback(createDatabaseUnavailableError(this.health.cause));
    for (const client of this.#open) destroyConnection(client);
  }
}

class WatchedClient extends pg.Client {
  /** Monotonic milliseconds since when it waits for the results of its queries; null if it waits for none. */
  busySince: number | null = null;

  constructor(config: pg.ClientConfig, open: Set<WatchedClient>, health: DatabaseHealth) {
    super(config);
    open.add(this);
    this.once('end', () => void open.delete(this));
    this.on('connect', () => health.recordContact());
    this.on('drain', () => {
      this.busySince = null;
      health.recordContact();
    });
  }

  /** An abandoned query keeps running, and the next query would wait for its result. */
  readonly isHanging = (): boolean => this.busySince !== null && performance.now() - this.busySince > SLOW_MS;

  override query(...args: never[]): never {
    this.busySince ??= performance.now();
    return (super.query as (...args: never[]) => never)(...args);
  }
}

/**
 * Ends a connection without notifying the other side, which may be absent. pg-pool does the same; the types do not show
 * it.
 */
export const destroyConnection = (client: pg.Client): void =>
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
