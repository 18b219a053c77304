import { createHash } from 'node:crypto';
import { Redis } from 'ioredis';
import { GatewayError } from '../errors/gateway-error.js';
import { SharedState, type CounterValue, type ScriptValue, type SharedScript } from './shared-state.js';

export interface RedisSharedStateOptions {
  /** `redis://` or `rediss://` (TLS), with user, password and database number where needed. */
  url: string;
  /** Prefix of every key, so that deployments and tests can share one Redis. Default `gatehouse:`. */
  keyPrefix?: string;
  /**
   * Maximum duration of one command, in milliseconds. Default 1000: a healthy Redis responds within 5 ms, one that
   * fails over within some seconds.
   */
  commandTimeoutMs?: number;
  /** Maximum duration of opening the connection, in milliseconds. Default 2000. */
  connectTimeoutMs?: number;
  /** Called once per change, for the log: true when Redis responds, false with the cause when it is lost. */
  onChange?: (connected: boolean, cause: Error | undefined) => void;
}

/** Delay before a reconnect: short at first, then 2 s, with up to 200 ms of jitter, without end. */
const computeRetryDelayMs = (attempt: number) => Math.min(attempt * 50, 2_000) + Math.random() * 200;

/**
 * Shared state in Redis 6.2 or later (one server, or one with replicas behind one address; operations over several keys
 * do not fit Redis Cluster). While Redis is unavailable, every call fails immediately: nothing is queued and nothing is
 * sent again after a reconnect, because a late increment would charge a caller that was refused.
 */
export class RedisSharedState extends SharedState {
  readonly #redis: Redis;
  readonly #opened: Promise<void>;
  #isConnected: boolean | undefined;
  #lastError: Error | undefined;

  constructor(private readonly options: RedisSharedStateOptions) {
    super();
    const commandTimeout = options.commandTimeoutMs ?? 1_000;
    this.#redis = new Redis(options.url, {
      keyPrefix: options.keyPrefix ?? 'gatehouse:',
      commandTimeout,
      connectTimeout: options.connectTimeoutMs ?? 2_000,
      // A connection without a response is given up after a second command had its chance.
      socketTimeout: commandTimeout * 2,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      retryStrategy: computeRetryDelayMs,
      // Missing in the types: how long a closed client waits for the other side. The default of 2 s would delay an
      // exit.
      ...{ disconnectTimeout: 100 },
      // After a failover the old master may still respond, but only to reads.
      reconnectOnError: (error) => error.message.startsWith('READONLY'),
    });
    this.#opened = this.#watch();
  }

  override async increment(key: string, by: number, windowMs: number): Promise<CounterValue> {
    const [value, remainingMs] = await this.#evaluate<[number, number]>(INCREMENT, [key], [by, windowMs]);
    return { value, remainingMs };
  }

  override async count(key: string): Promise<CounterValue> {
    const [value, remainingMs] = await this.#evaluate<[string | null, number]>(COUNT, [key], []);
    return { value: Number(value ?? 0), remainingMs: Math.max(remainingMs, 0) };
  }

  override async setIfAbsent(key: string, ttlMs: number): Promise<boolean> {
    return (await this.#execute(() => this.#redis.set(key, '1', 'PX', ttlMs, 'NX'))) === 'OK';
  }

  override get(key: string): Promise<string | null> {
    return this.#execute(() => this.#redis.get(key));
  }

  override async set(key: string, value: string, ttlMs: number): Promise<void> {
    await this.#execute(() => this.#redis.set(key, value, 'PX', ttlMs));
  }

  override async delete(key: string): Promise<boolean> {
    return (await this.#execute(() => this.#redis.del(key))) === 1;
  }

  override take(key: string): Promise<string | null> {
    return this.#execute(() => this.#redis.getdel(key));
  }

  override async takeIf(key: string, expected: string): Promise<boolean> {
    return (await this.#evaluate<number>(TAKE_IF, [key], [expected])) === 1;
  }

  override run<Result extends ScriptValue>(
    script: SharedScript<Result>,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<Result> {
    return this.#evaluate<Result>(prepareScript(script.lua), keys, args);
  }

  override async ping(): Promise<void> {
    await this.#execute(() => this.#redis.ping());
  }

  override async close(): Promise<void> {
    this.#redis.disconnect();
  }

  async #evaluate<Result>(lua: Lua, keys: readonly string[], args: readonly (string | number)[]): Promise<Result> {
    const reply = await this.#execute(async () => {
      try {
        return await this.#redis.evalsha(lua.sha, keys.length, ...keys, ...args);
      } catch (error) {
        if (!String((error as Error).message).startsWith('NOSCRIPT')) throw error;
        return await this.#redis.eval(lua.text, keys.length, ...keys, ...args);
      }
    });
    return reply as Result;
  }

  async #execute<T>(command: () => Promise<T>): Promise<T> {
    if (this.#isConnected === undefined) await this.#opened;
    try {
      return await command();
    } catch (error) {
      throw new GatewayError('temporarily_unavailable', 'A part of this service is not available. Try again shortly.', {
        internal: `redis: ${(error as Error).message}${this.#isConnected ? '' : ` (${this.#lastError?.message ?? 'closed'})`}`,
        reason: 'shared_state_unavailable',
        retryAfterSeconds: 1,
        cause: error,
      });
    }
  }

  /** Resolves when the first attempt to connect has ended, successfully or not: calls made before then wait for it. */
  #watch(): Promise<void> {
    return new Promise((resolve) => {
      const setConnected = (connected: boolean) => {
        if (this.#isConnected !== connected)
          this.options.onChange?.(connected, connected ? undefined : this.#lastError);
        this.#isConnected = connected;
        resolve();
      };
      this.#redis.on('error', (error) => (this.#lastError = error));
      this.#redis.on('ready', () => setConnected(true));
      this.#redis.on('close', () => setConnected(false));
      this.#redis.on('end', () => setConnected(false));
    });
  }
}

interface Lua {
  text: string;
  sha: string;
}

const digests = new Map<string, Lua>();

/** Returns a script with the SHA-1 by which Redis knows it (EVALSHA); computed once per script. */
function prepareScript(text: string): Lua {
  const known = digests.get(text) ?? { text, sha: createHash('sha1').update(text).digest('hex') };
  digests.set(text, known);
  return known;
}

const INCREMENT = prepareScript(`
local value = redis.call('INCRBY', KEYS[1], ARGV[1])
local ttl = redis.call('PTTL', KEYS[1])
if ttl < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  ttl = tonumber(ARGV[2])
end
return {value, ttl}`);

const COUNT = prepareScript(`return {redis.call('GET', KEYS[1]), redis.call('PTTL', KEYS[1])}`);

const TAKE_IF = prepareScript(`
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0`);
