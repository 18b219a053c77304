import type { AppLogger } from '../../../platform/logging/app-logger.js';
import type { SharedState } from '../../../platform/shared-state/shared-state.js';
import { SettlementQueue, type Settlement } from './settlement-queue.js';

/** A store that can be unavailable or slow. */
class FakeState {
  isAway = false;
  slowMs = 0;

  async run(): Promise<unknown> {
    await new Promise((resolve) => setTimeout(resolve, this.slowMs).unref());
    if (this.isAway) throw new Error('away');
    return [];
  }
}

const QUIET = { pino: { debug: () => undefined, warn: () => undefined } } as unknown as AppLogger;
let state: FakeState;
let queue: SettlementQueue;
let settled: number;
const settlement: Settlement = { keys: [], args: [], onSettled: () => settled++ };

beforeEach(() => {
  settled = 0;
  state = new FakeState();
  queue = new SettlementQueue(state as unknown as SharedState, QUIET);
});

describe('closing of the settlement queue', () => {
  it('SettlementQueue.close() waits for settlements on their way', async () => {
    state.slowMs = 50;
    for (let i = 0; i < 3; i++) queue.submit(settlement);
    await queue.close();
    expect(settled).toBe(3);
  });

  it('SettlementQueue.close() settles what waited for a store that has returned', async () => {
    state.isAway = true;
    for (let i = 0; i < 3; i++) queue.submit(settlement);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(settled).toBe(0);
    state.isAway = false;
    await queue.close();
    expect(settled).toBe(3);
  });

  it('SettlementQueue.close() does not wait for a store that never answers', async () => {
    state.slowMs = 60_000;
    queue.submit(settlement);
    await queue.close();
    expect(settled).toBe(0);
  }, 10_000);

  it('SettlementQueue.close() drops settlements while the store is unavailable', async () => {
    state.isAway = true;
    queue.submit(settlement);
    await queue.close();
    expect(settled).toBe(0);
  });
});
