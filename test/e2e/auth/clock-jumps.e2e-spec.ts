/**
 * A wall clock that is corrected by hours, forward or back: cached callers and keys become neither older nor younger.
 */
import { mintToken } from '../../../src/platform/crypto/token-mint.js';
import { PrincipalCache } from '../../../src/auth/guard/principal-cache.js';
import { familyOf, fromAnyone, startStage, type Stage } from '../../support/gateway/stage.js';

const openai = familyOf('openai');
const HOUR_MS = 3_600_000;
const bearer = (value: string) => ['authorization', `Bearer ${value}`] as const;
/** Redis uses its own clock. */
const itWithOwnClock = process.env.TEST_REDIS_URL ? it.skip : it;

describe.each([
  ['forward', 7 * HOUR_MS],
  ['back', -7 * HOUR_MS],
])('a wall clock jump %s by hours', (_, jumpMs) => {
  let stage: Stage;
  let reads: string[];

  beforeAll(async () => {
    stage = await startStage({ FAILED_CREDENTIALS_PER_MINUTE: '3' });
    const { dataSource } = stage.gateway.resources.database;
    const query = dataSource.query.bind(dataSource);
    dataSource.query = ((text: string, ...rest: [unknown[]?]) => {
      reads.push(text);
      return query(text, ...rest);
    }) as typeof dataSource.query;
  }, 60_000);
  beforeEach(() => {
    reads = [];
    stage.gateway.clock.jumpedMs = 0;
  });
  afterAll(() => stage.close());

  const chat = async (key: string): Promise<number> => (await stage.chat(openai, [bearer(key), fromAnyone()])).status;
  /**
   * Returns statements that look up a caller, a proxy or a key, without those of writers and pollers in the background.
   */
  const lookUps = (): string[] =>
    reads.filter((text) => /^\s*SELECT[^]* FROM (?:virtual_key|llm_proxy|provider_key)\b/.test(text));

  it('a cached caller is served without a query after a clock jump', async () => {
    const key = (await stage.virtualKey()).value;
    expect(await chat(key)).toBe(200);
    reads = [];
    stage.gateway.clock.jumpedMs = jumpMs;
    expect(await chat(key)).toBe(200);
    expect(lookUps()).toEqual([]);
    stage.gateway.clock.advance(31_000);
    expect(await chat(key)).toBe(200);
    expect(lookUps()).not.toEqual([]);
  });

  it('a clock jump keeps revoked keys revoked, and keys expire by the wall clock', async () => {
    const revoked = await stage.virtualKey();
    const expiring = await stage.virtualKey({
      expiresAt: new Date(stage.gateway.clock.now() + HOUR_MS).toISOString(),
    });
    expect(await chat(revoked.value)).toBe(200);
    expect(await chat(expiring.value)).toBe(200);
    await stage.gateway.admin.post(`/api/llm-virtual-keys/${revoked.id}/revoke`);
    stage.gateway.clock.jumpedMs = jumpMs;
    expect(await chat(revoked.value)).toBe(401);
    expect(await chat(expiring.value)).toBe(jumpMs > 0 ? 401 : 200);
  });

  it('a clock jump does not change the lifetime of cached callers', async () => {
    const principals = stage.gateway.app.nest.get(PrincipalCache, { strict: false });
    const load = () => Promise.resolve({ value: { name: 'x' } as never, tags: [] });
    await principals.get('clock-jump', load);
    stage.gateway.clock.jumpedMs = jumpMs;
    expect(principals.peek('clock-jump', load)).toBeDefined();
    stage.gateway.clock.advance(30_000);
    expect(principals.peek('clock-jump', load)).toBeUndefined();
  });

  itWithOwnClock('a clock jump does not change the waiting time after failed credentials', async () => {
    const address = fromAnyone();
    const bad = mintToken('arch_').expose();
    const guess = async () => stage.chat(openai, [address, bearer(bad)]);
    for (let i = 0; i < 4; i++) await guess();
    stage.gateway.clock.jumpedMs = jumpMs;
    const refused = await guess();
    expect(refused.status).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60);
    stage.gateway.clock.advance(61_000);
    expect((await guess()).status).toBe(401);
  });
});
