/**
 * Listens for auth events of other processes. NOTIFY brings them at commit (about a millisecond); a poll every 250 ms
 * is the safety net when a notification is lost, and the proof that the bus is alive.
 */
import pg from 'pg';
import type { DataSource } from 'typeorm';
import type { DatabaseHealth } from '../database/circuit-breaker/database-health.js';
import { destroyConnection } from '../database/circuit-breaker/watched-pool.js';
import type { AuthEvent, AuthEventEffect, AuthEvents } from './auth-events.js';
import { AUTH_EVENT_CHANNEL } from './auth-events.js';

const POLL_MS = 250;
const RECONNECT_FIRST_MS = 250;
const RECONNECT_MAX_MS = 5_000;
const SWEEP_MS = 10 * 60_000;
// Rows are swept after an hour; a reader that was disconnected for half of that may have missed some.
const RESYNC_AFTER_MS = 30 * 60_000;

interface PolledRow {
  seq: string;
  tag: string;
  effect: AuthEventEffect;
}

export interface AuthEventReaderOptions {
  databaseUrl: string;
  health: DatabaseHealth;
  onProblem(error: unknown): void;
  /** Off in the test that shows that the poll is sufficient by itself. */
  listen?: boolean;
}

export class AuthEventReader {
  #client: pg.Client | null = null;
  #pollTimer: NodeJS.Timeout | undefined;
  #reconnectTimer: NodeJS.Timeout | undefined;
  #sweepTimer: NodeJS.Timeout | undefined;
  #isStopped = false;
  #failures = 0;
  /**
   * Every transaction below this id had ended when the last poll took its snapshot, so that poll read all rows that
   * they appended. A later poll starts here, and cannot miss a lower number that commits late.
   */
  #horizon: string | null = null;

  constructor(
    private readonly dataSource: DataSource,
    private readonly events: AuthEvents,
    private readonly options: AuthEventReaderOptions,
  ) {}

  async start(): Promise<void> {
    await this.#poll();
    this.#schedulePoll();
    this.options.health.onChange((state) => state === 'available' && this.#resume());
    this.#sweepTimer = setInterval(() => void this.#sweep(), SWEEP_MS).unref();
    if (this.options.listen !== false) await this.#connect();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#pollTimer);
    clearTimeout(this.#reconnectTimer);
    clearInterval(this.#sweepTimer);
    await this.#client?.end().catch(() => undefined);
  }

  #schedulePoll(): void {
    if (this.#isStopped) return;
    this.#pollTimer = setTimeout(() => void this.#pollAndReschedule(), POLL_MS);
    this.#pollTimer.unref();
  }

  async #pollAndReschedule(): Promise<void> {
    // While the database is known to be unavailable, its health check detects the recovery.
    if (this.options.health.isAvailable) await this.#poll().catch((error: unknown) => this.options.onProblem(error));
    this.#schedulePoll();
  }

  /**
   * Runs when the database is available again: events were missed, and the listening connection may have died
   * unnoticed.
   */
  #resume(): void {
    if (this.#isStopped) return;
    clearTimeout(this.#pollTimer);
    void this.#pollAndReschedule();
    if (this.options.listen === false) return;
    clearTimeout(this.#reconnectTimer);
    const previous = this.#client;
    this.#client = null;
    if (previous) destroyConnection(previous);
    void this.#connect();
  }

  async #poll(): Promise<void> {
    // One statement, one snapshot: the horizon and the rows belong together.
    const [row] = await this.dataSource.query<{ horizon: string; rows: PolledRow[] | null }[]>(
      `SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS horizon,
              (SELECT json_agg(json_build_object('seq', seq::text, 'tag', tag, 'effect', effect) ORDER BY seq)
                 FROM auth_event WHERE transaction_id >= $1::text::xid8) AS rows`,
      [this.#horizon ?? '0'],
    );
    const isFirst = this.#horizon === null;
    this.#horizon = row!.horizon;
    if (this.events.silentMs > RESYNC_AFTER_MS) this.events.resync();
    // Nothing is cached at the start, so earlier events do not matter.
    if (!isFirst) for (const event of row!.rows ?? []) this.events.apply(event);
    this.events.recordContact();
  }

  /** Deletes events that every reader has seen long ago. Several processes may do so. */
  async #sweep(): Promise<void> {
    await this.dataSource
      .query(`DELETE FROM auth_event WHERE created_at < now() - interval '1 hour'`)
      .catch((error: unknown) => this.options.onProblem(error));
  }

  async #connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.options.databaseUrl,
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
      application_name: 'gatehouse auth events',
    });
    client.on('notification', (message) => this.#receive(message.payload ?? ''));
    client.on('error', (error) => this.#reconnect(client, error));
    client.on('end', () => this.#reconnect(client, new Error('the connection for auth events ended')));
    this.#client = client;
    try {
      await client.connect();
      await client.query(`LISTEN ${AUTH_EVENT_CHANNEL}`);
      this.#failures = 0;
    } catch (error) {
      this.#reconnect(client, error);
    }
  }

  /** `<seq> <effect> <tag>`, as `AuthEvents.append` writes it. */
  #receive(payload: string): void {
    const [seq, effect, tag] = payload.split(' ');
    if (!seq || !effect || !tag) return;
    this.events.apply({ seq, effect, tag } as AuthEvent);
    this.events.recordContact();
  }

  #reconnect(client: pg.Client, error: unknown): void {
    if (this.#isStopped || this.#client !== client) return;
    this.#client = null;
    client.end().catch(() => undefined);
    this.options.onProblem(error);
    const delay = Math.min(RECONNECT_FIRST_MS * 2 ** this.#failures++, RECONNECT_MAX_MS);
    // Jitter: the clients of a database that restarts should not all reconnect in one instant.
    this.#reconnectTimer = setTimeout(() => void this.#connect(), delay * (0.5 + Math.random() / 2));
    this.#reconnectTimer.unref();
  }
}
