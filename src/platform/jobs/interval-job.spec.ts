import { IntervalJob } from './interval-job.js';

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((done) => setTimeout(done, 2));
};

describe('IntervalJob', () => {
  it('a job starts immediately, continues after a failure, and stop awaits the running turn', async () => {
    let count = 0;
    let isUnderWay = false;
    const told: unknown[] = [];
    const turns = new IntervalJob(
      async () => {
        if (++count === 2) throw new Error('away');
        isUnderWay = true;
        await new Promise((done) => setTimeout(done, 3));
        isUnderWay = false;
      },
      (error) => told.push(error),
      10,
    );
    turns.start();
    expect(count).toBe(1);
    await until(() => count > 2 && isUnderWay);
    expect(told).toHaveLength(1);
    await turns.stop();
    expect([isUnderWay, turns.isStopped]).toEqual([false, true]);
    const taken = count;
    await new Promise((done) => setTimeout(done, 30));
    expect(count).toBe(taken);
  });
});
