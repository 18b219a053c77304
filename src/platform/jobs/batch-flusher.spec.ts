import { BatchFlusher } from './batch-flusher.js';

const soon = (): Promise<void> => new Promise((done) => setTimeout(done, 30));

describe('BatchFlusher', () => {
  let written: string[];
  let told: unknown[];
  let failing: boolean;
  let release: () => void;
  beforeEach(() => {
    [written, told, failing, release] = [[], [], false, () => undefined];
  });
  const make = (write = async () => void written.push('turn')): BatchFlusher =>
    new BatchFlusher(
      async () => {
        if (failing) throw new Error('away');
        await write();
      },
      (error) => told.push(error),
      { write: 1, retry: 2 },
    );

  it('several scheduled writes become one flush', async () => {
    const writes = make();
    for (let i = 0; i < 5; i++) writes.schedule();
    expect(written).toEqual([]);
    await soon();
    expect(written).toEqual(['turn']);
  });

  it('a failed flush is reported and retried until it succeeds', async () => {
    const writes = make();
    failing = true;
    writes.schedule();
    await soon();
    expect(told.length).toBeGreaterThan(1);
    failing = false;
    await soon();
    expect(written).toEqual(['turn']);
  });

  it('a failed explicit flush rejects and is retried too', async () => {
    const writes = make();
    failing = true;
    await expect(writes.flush()).rejects.toThrow('away');
    failing = false;
    await soon();
    expect(written).toEqual(['turn']);
  });

  it('flushes run one after another', async () => {
    let running = 0;
    const writes = make(async () => {
      expect(++running).toBe(1);
      await new Promise<void>((done) => (release = done));
      running--;
      written.push('turn');
    });
    const [first, second] = [writes.flush(), writes.flush()];
    await soon();
    release();
    await first;
    await soon();
    release();
    await second;
    expect(written).toEqual(['turn', 'turn']);
  });

  it('close flushes a last time and leaves no timer', async () => {
    const writes = make();
    writes.schedule();
    await writes.close();
    expect(written).toEqual(['turn']);
    failing = true;
    writes.schedule();
    await writes.close();
    expect(told).toHaveLength(1);
    failing = false;
    await soon();
    expect(written).toEqual(['turn']);
  });
});
