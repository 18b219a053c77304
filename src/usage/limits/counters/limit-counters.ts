/**
 * The counters of limits in the shared state, filled from the ledger when missing, and the treatment of calls while the
 * shared state is unavailable. `closed`: calls are refused (503). `local`: each process admits a share of every limit
 * on counters of its own, so that a budget is exceeded by at most that share times the processes; their usage is
 * reported to the shared state once it is back.
 */
import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Clock } from '../../../platform/time/clock.js';
import { AppConfig } from '../../../platform/config/app-config.js';
import { GatewayError } from '../../../platform/errors/gateway-error.js';
import { createId } from '../../../platform/ids.js';
import { AppLogger } from '../../../platform/logging/app-logger.js';
import { InProcessSharedState } from '../../../platform/shared-state/in-process.shared-state.js';
import { SharedState } from '../../../platform/shared-state/shared-state.js';
import { FILL, READ, RESERVE, SETTLE, SLOT_MS, computeSlot, type CounterUsage } from './scripts.js';
import { isRateLimit, type Limit } from '../definitions/limit.js';
import { SettlementQueue } from './settlement-queue.js';
import { LimitLedger } from './limit-ledger.js';
import { findWindowPosition } from '../definitions/limit-window.js';

/** Holds left by a crash are released after this time. Longer calls renew their lease. */
export const LEASE_MS = 120_000;

/** A counter can be lost again between filling and reading; more losses than this are a fault. */
const MAX_ROUNDS = 3;

export interface RequestedAmount {
  readonly limit: Limit;
  /** In the limit's unit; whole. */
  readonly amount: number;
}

export interface Hold extends RequestedAmount {
  /** Generation of the counter when it granted the hold. */
  generation: string;
  /** Bucket of the window at the start of the call. */
  readonly bucket: number;
  readonly ttlMs: number;
}

/** Amounts held in several limits for one call. Settled once. */
export interface Reservation {
  readonly holds: readonly Hold[];
  /** Slot in which the lease ends. */
  slot: number;
  readonly isLocal: boolean;
}

/** In the order of the requested amounts. */
export type ReservationRefusal = readonly CounterUsage[];

export interface Reading {
  used: number;
  reserved: number;
  /** The last bucket in use; null: none. */
  latest: number | null;
}

/** In the limit's unit. */
export interface UsedChange {
  readonly limit: Limit;
  readonly before: number;
  readonly after: number;
}

@Injectable()
export class LimitCounters implements BeforeApplicationShutdown {
  readonly #filling = new Map<string, Promise<void>>();
  readonly #settlements: SettlementQueue;
  readonly #listeners: ((change: UsedChange) => void)[] = [];
  #local: InProcessSharedState | null = null;

  constructor(
    private readonly shared: SharedState,
    private readonly ledger: LimitLedger,
    private readonly clock: Clock,
    private readonly config: AppConfig,
    logger: AppLogger,
  ) {
    this.#settlements = new SettlementQueue(shared, logger);
  }

  /** Reserves all amounts or none. Throws `temporarily_unavailable`. */
  async reserve(requested: readonly RequestedAmount[]): Promise<Reservation | ReservationRefusal> {
    try {
      return await this.#reserveIn(this.shared, requested, false);
    } catch (error) {
      if (!this.#canContinueLocally(error)) throw error;
      this.#local ??= new InProcessSharedState(this.clock);
      return this.#reserveIn(this.#local, requested, true);
    }
  }

  /**
   * Registers a listener for the usage of a limit before and after an addition, called in the process that settles it.
   * It must be fast and must not throw.
   */
  onUsed(listener: (change: UsedChange) => void): void {
    this.#listeners.push(listener);
  }

  /** Ends the holds and adds `used`, in their order and units. Returns immediately. */
  settle({ holds, slot, isLocal }: Reservation, used: readonly number[]): void {
    if (!isLocal) return this.#submit(holds, slot, used, false);
    const args = [slot, '', ...holds.flatMap((hold, i) => toSettlementArgs(hold, hold.amount, used[i]!, ''))];
    void this.#local!.run(
      SETTLE,
      holds.map(({ limit }) => limit.counter),
      args,
    );
    if (used.some((amount) => amount !== 0)) this.#submit(holds, slot, used, true);
  }

  /** Renews the lease. A hold that a counter lost in the meantime is restored. */
  async renew(reservation: Reservation): Promise<void> {
    const { holds, slot, isLocal } = reservation;
    const newSlot = computeSlot(this.clock.now() + LEASE_MS);
    const keys = holds.map(({ limit }) => limit.counter);
    const args = [slot, newSlot, ...holds.flatMap((hold) => toSettlementArgs(hold, hold.amount, 0, ''))];
    // Before the response arrives: a call that ends meanwhile is settled after this script, when its hold is in the new
    // slot.
    reservation.slot = newSlot;
    const usages = await (isLocal ? this.#local! : this.shared).run(SETTLE, keys, args);
    holds.forEach((hold, i) => (hold.generation = usages[i]![0]));
  }

  /** Reads the usage of the limits, in their order. Throws `temporarily_unavailable`. */
  async read(limits: readonly Limit[]): Promise<Reading[]> {
    if (limits.length === 0) return [];
    const now = this.clock.now();
    const keys = limits.map(({ counter }) => counter);
    const args = [now, SLOT_MS, ...limits.map(({ window }) => findWindowPosition(window, now).firstBucket)];
    for (let round = 1; ; round++) {
      const rows = await this.shared.run(READ, keys, args);
      const missing = limits.filter((_, i) => rows[i] === null);
      if (missing.length === 0) return rows.map((row) => toReading(row!));
      if (round === MAX_ROUNDS) throw createCountersLostError();
      await Promise.all(missing.map((limit) => this.#fill(limit)));
    }
  }

  /** Runs before the listeners write their last notifications. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.#settlements.close();
    await this.#local?.close();
  }

  async #reserveIn(
    state: SharedState,
    requested: readonly RequestedAmount[],
    isLocal: boolean,
  ): Promise<Reservation | ReservationRefusal> {
    const now = this.clock.now();
    const slot = computeSlot(now + LEASE_MS);
    const positions = requested.map(({ limit }) => findWindowPosition(limit.window, now));
    const share = isLocal ? this.config.limits.localShare : 1;
    const keys = requested.map(({ limit }) => limit.counter);
    const args = [
      ...[now, slot, SLOT_MS],
      ...requested.flatMap(({ limit, amount }, i) => {
        const { firstBucket, ttlMs } = positions[i]!;
        return [Math.floor(limit.max * share), amount, firstBucket, ttlMs];
      }),
    ];
    for (let round = 1; ; round++) {
      const [outcome, ...rows] = await state.run(RESERVE, keys, args);
      if (outcome === 'refused') return rows as unknown as CounterUsage[];
      if (outcome === 'granted') {
        const holds = requested.map(({ limit, amount }, i) => {
          const { bucket, ttlMs } = positions[i]!;
          return { limit, amount, generation: String(rows[i]), bucket, ttlMs };
        });
        return { holds, slot, isLocal };
      }
      if (round === MAX_ROUNDS) throw createCountersLostError();
      const missing = rows.map((index) => requested[Number(index)]!.limit);
      await Promise.all(missing.map((limit) => (isLocal ? this.#initialize(state, limit) : this.#fill(limit))));
    }
  }

  /** `holdsElsewhere`: the holds are in the local counters, not in the shared state. */
  #submit(holds: readonly Hold[], slot: number, used: readonly number[], holdsElsewhere: boolean): void {
    const now = this.clock.now();
    // Rate limits are too short for a notification. A bucket before the present window does not count toward it.
    const firstBuckets = holds.map(({ limit, bucket }, i) => {
      const { firstBucket } = findWindowPosition(limit.window, now);
      return used[i] === 0 || isRateLimit(limit) || bucket < firstBucket ? '' : firstBucket;
    });
    const getReservedAmount = (hold: Hold): number => (holdsElsewhere ? 0 : hold.amount);
    this.#settlements.submit({
      keys: holds.map(({ limit }) => limit.counter),
      args: [
        slot,
        '',
        ...holds.flatMap((hold, i) => toSettlementArgs(hold, getReservedAmount(hold), used[i]!, firstBuckets[i]!)),
      ],
      onSettled: (usages) =>
        usages.forEach(([, after], i) => {
          if (after >= 0) this.#notifyListeners({ limit: holds[i]!.limit, before: after - used[i]!, after });
        }),
    });
  }

  #notifyListeners(change: UsedChange): void {
    for (const listener of this.#listeners) listener(change);
  }

  /** Fills the counter from the ledger; concurrent calls share one fill. */
  #fill(limit: Limit): Promise<void> {
    const inFlight = this.#filling.get(limit.counter);
    if (inFlight) return inFlight;
    const filling = this.#loadUsage(limit).finally(() => this.#filling.delete(limit.counter));
    this.#filling.set(limit.counter, filling);
    return filling;
  }

  async #loadUsage(limit: Limit): Promise<void> {
    const now = this.clock.now();
    const used = await this.ledger.readUsage(limit, now);
    const { ttlMs } = findWindowPosition(limit.window, now);
    await this.shared.run(FILL, [limit.counter], [createId<string>(), ttlMs, ...[...used].flat()]);
    // Usage recorded while the counter was missing was not seen by any settlement.
    if (!isRateLimit(limit))
      this.#notifyListeners({ limit, before: 0, after: [...used.values()].reduce((a, b) => a + b, 0) });
  }

  async #initialize(state: SharedState, limit: Limit): Promise<void> {
    const { ttlMs } = findWindowPosition(limit.window, this.clock.now());
    await state.run(FILL, [limit.counter], [createId<string>(), ttlMs]);
  }

  #canContinueLocally(error: unknown): boolean {
    return (
      this.config.limits.withoutRedis === 'local' &&
      error instanceof GatewayError &&
      error.reason === 'shared_state_unavailable'
    );
  }
}

export const isRefused = (result: Reservation | ReservationRefusal): result is ReservationRefusal =>
  Array.isArray(result);

const toSettlementArgs = (
  { generation, bucket, ttlMs }: Hold,
  reserved: number,
  used: number,
  firstBucket: number | '',
): (string | number)[] => [generation, reserved, used, bucket, ttlMs, firstBucket];

const toReading = ([used, reserved, latest]: readonly [number, number, number]): Reading => ({
  used,
  reserved: reserved,
  latest: latest < 0 ? null : latest,
});

const createCountersLostError = (): GatewayError =>
  new GatewayError('temporarily_unavailable', 'Limits cannot be looked up at the moment. Try again in a few seconds.', {
    internal: 'counters of limits are lost as soon as they are filled: is the memory of the shared state too small?',
    retryAfterSeconds: 2,
  });
