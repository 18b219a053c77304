import { Clock } from '../../platform/time/clock.js';
import { loadConfig } from '../../platform/config/app-config.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { InProcessSharedState } from '../../platform/shared-state/in-process.shared-state.js';
import { FailedCredentialLimiter } from './failed-credential-limiter.js';

class TestClock extends Clock {
  #now = 1_000_000;
  /** Milliseconds by which the wall clock was moved ahead of the time that has passed. */
  jumpedMs = 0;
  override now(): number {
    return this.#now + this.jumpedMs;
  }
  override monotonicNow(): number {
    return this.#now;
  }
  advance(milliseconds: number): void {
    this.#now += milliseconds;
  }
}

const ADDRESS = '192.0.2.1';
let clock: TestClock;
let state: InProcessSharedState;
let limiter: FailedCredentialLimiter;

const config = loadConfig({ ENCRYPTION_KEYS: Buffer.alloc(32).toString('base64'), FAILED_CREDENTIALS_PER_MINUTE: '3' });
const process = (): FailedCredentialLimiter => new FailedCredentialLimiter(state, clock, config);

beforeEach(() => {
  clock = new TestClock();
  state = new InProcessSharedState(clock);
  limiter = process();
});
afterEach(() => state.close());

/** Sends a refused credential. Returns null when the attempt was counted, else the `too_many_failures` error. */
async function attempt(digest: string, address = ADDRESS, at = limiter): Promise<GatewayError | null> {
  try {
    at.check(address, digest);
    await at.recordFailure(address, digest);
    return null;
  } catch (error) {
    return error as GatewayError;
  }
}

describe('failed credentials', () => {
  it('failed credentials above the limit get too_many_failures with retryAfterSeconds', async () => {
    for (let i = 0; i < 3; i++) expect(await attempt('a')).toBeNull();
    clock.advance(10_500);
    expect(await attempt('a')).toMatchObject({ code: 'too_many_failures', status: 429, retryAfterSeconds: 50 });
    expect(() => limiter.check(ADDRESS, 'a')).toThrow(GatewayError);
  });

  it('a blocked credential does not block other credentials or addresses', async () => {
    for (let i = 0; i < 4; i++) await attempt('a');
    expect(await attempt('b')).toBeNull();
    expect(await attempt('a', '192.0.2.2')).toBeNull();
  });

  it('failed credentials per address are limited at ten times the limit per credential', async () => {
    for (let i = 0; i < 30; i++) expect(await attempt(`guess ${i}`)).toBeNull();
    expect(await attempt('guess 31')).toMatchObject({ code: 'too_many_failures' });
    expect(await attempt('guess 31', '192.0.2.2')).toBeNull();
  });

  it('the failed credential limit resets after a minute', async () => {
    for (let i = 0; i < 4; i++) await attempt('a');
    clock.advance(60_000);
    expect(await attempt('a')).toBeNull();
  });

  it('failed credentials are counted across processes', async () => {
    const other = process();
    for (let i = 0; i < 3; i++) await attempt('a');
    // The other process learns of it only from its own next failure.
    expect(() => other.check(ADDRESS, 'a')).not.toThrow();
    expect(await attempt('a', ADDRESS, other)).toMatchObject({ code: 'too_many_failures' });
    expect(() => other.check(ADDRESS, 'a')).toThrow(GatewayError);
  });
});

describe('recently accepted credentials', () => {
  it('a recently accepted credential is exempt for five minutes', async () => {
    limiter.recordSuccess('good');
    for (let i = 0; i < 31; i++) await attempt(`guess ${i}`);
    expect(() => limiter.check(ADDRESS, 'good')).not.toThrow();
    expect(() => limiter.check(ADDRESS, 'new')).toThrow(GatewayError);
    clock.advance(5 * 60_000 - 1);
    for (let i = 0; i < 31; i++) await attempt(`later guess ${i}`);
    expect(() => limiter.check(ADDRESS, 'good')).not.toThrow();
    clock.advance(1);
    expect(() => limiter.check(ADDRESS, 'good')).toThrow(GatewayError);
  });

  it('failures of a recently accepted credential are not counted', async () => {
    limiter.recordSuccess('good');
    for (let i = 0; i < 10; i++) expect(await attempt('good')).toBeNull();
  });
});

describe.each([5 * 3_600_000, -5 * 3_600_000])('a jump of the wall clock by %d ms', (jumpMs) => {
  it('a clock jump does not change the minute of a blocked credential', async () => {
    for (let i = 0; i < 4; i++) await attempt('a');
    clock.jumpedMs = jumpMs;
    expect(await attempt('a')).toMatchObject({ code: 'too_many_failures', retryAfterSeconds: 60 });
    clock.advance(60_000);
    expect(await attempt('a')).toBeNull();
  });

  it('a clock jump does not change the five minutes of an accepted credential', async () => {
    limiter.recordSuccess('good');
    clock.jumpedMs = jumpMs;
    clock.advance(5 * 60_000 - 1);
    for (let i = 0; i < 5; i++) expect(await attempt('good')).toBeNull();
    clock.advance(1);
    for (let i = 0; i < 3; i++) expect(await attempt('good')).toBeNull();
    expect(await attempt('good')).toMatchObject({ code: 'too_many_failures' });
  });
});
