/** Limits on guessing credentials, and the address by which a client is counted. */
import { mintToken } from '../../../src/platform/crypto/token-mint.js';
import { expectRefusal } from '../../support/http/llm-errors.js';
import { FAMILIES, familyOf, fromAnyone, startStage, type Stage } from '../../support/gateway/stage.js';
import type { HeaderList, WireResponse } from '../../support/http/wire-client.js';

const openai = familyOf('openai');
const bearer = (value: string) => ['authorization', `Bearer ${value}`] as const;
const from = (addresses: string) => ['x-forwarded-for', addresses] as const;
const unknown = (): string => mintToken('arch_').expose();
const OWN = 'sk-callers-own-0123456789';
const tooMany = { status: 429, code: 'too_many_failures' };
const invalid = { status: 401, code: 'credential_invalid' };
/** Redis uses its own clock, which no test can move. */
const itWithOwnClock = process.env.TEST_REDIS_URL ? it.skip : it;

let stage: Stage;
const call = (...headers: HeaderList): Promise<WireResponse> => stage.chat(openai, headers);
const repeat = async (times: number, job: () => Promise<WireResponse>): Promise<number[]> => {
  const statuses: number[] = [];
  for (let i = 0; i < times; i++) statuses.push((await job()).status);
  return statuses;
};
const of = (count: number, status: number): number[] => new Array<number>(count).fill(status);

describe('failed credentials', () => {
  beforeAll(async () => void (stage = await startStage({ FAILED_CREDENTIALS_PER_MINUTE: '3' })), 60_000);
  afterAll(() => stage.close());
  beforeEach(() => stage.fake.forget());

  it.each(FAMILIES)('failed credentials get 429 above the limit per address and credential: $id', async (family) => {
    const bad = unknown();
    const address = fromAnyone();
    const send = () => stage.chat(family, [address, family.key(bad)]);
    expect(await repeat(3, send)).toEqual(of(3, 401));
    const answer = await send();
    expectRefusal(family.id, answer, tooMany);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(60);
    expect(Number(answer.headers['retry-after-ms'])).toBeLessThanOrEqual(60_000);
    expect(await stage.recordOf(answer)).toMatchObject({
      outcome: 'refused',
      status: 429,
      error_code: 'too_many_failures',
    });
    // Another credential of that address, and the same one from another address, are counted separately.
    expectRefusal(family.id, await stage.chat(family, [address, family.key(unknown())]), invalid);
    expectRefusal(family.id, await stage.chat(family, [fromAnyone(), family.key(bad)]), invalid);
    expect(stage.fake.started).toBe(0);
  });

  it('an address with ten times the limit of failures gets 429 for new credentials', async () => {
    const address = fromAnyone();
    const known = await stage.virtualKey();
    const fresh = await stage.virtualKey();
    expect((await call(address, bearer(known.value))).status).toBe(200);
    expect(await repeat(30, () => call(address, bearer(unknown())))).toEqual(of(30, 401));
    expectRefusal('openai', await call(address, bearer(unknown())), tooMany);
    // Not even looked up, so that a correct guess reveals nothing.
    expectRefusal('openai', await call(address, bearer(fresh.value)), tooMany);
    expectRefusal('openai', await call(address, bearer(OWN)), tooMany);
    expect((await stage.wire.call('GET', '/api/me', [address, bearer(unknown())])).status).toBe(401);
    expect((await stage.wire.call('GET', '/api/me', [address, bearer(mintToken('arch_api_').expose())])).status).toBe(
      429,
    );
    // Recently accepted credentials are exempt, and so are all other addresses.
    expect((await call(address, bearer(known.value))).status).toBe(200);
    expect((await call(fromAnyone(), bearer(fresh.value))).status).toBe(200);
    expect((await call(address, bearer(fresh.value))).status).toBe(200);
  });

  it('a failed admin API key gets 429 above the limit', async () => {
    const address = fromAnyone();
    const bad = mintToken('arch_api_').expose();
    const me = () => stage.wire.call('GET', '/api/me', [address, bearer(bad)]);
    expect(await repeat(4, me)).toEqual([...of(3, 401), 429]);
    const answer = await me();
    expect(answer.json).toMatchObject({ status: 429, code: 'too_many_failures' });
    expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(60);
  });

  it('a failed X-Archestra-Virtual-Key counts beside an accepted credential', async () => {
    const address = fromAnyone();
    const beside = (value: string) => ['x-archestra-virtual-key', value] as const;
    expect((await call(address, bearer(OWN))).status).toBe(200);
    const bad = unknown();
    expect(await repeat(4, () => call(address, bearer(OWN), beside(bad)))).toEqual([...of(3, 401), 429]);
    expect(await repeat(28, () => call(address, bearer(OWN), beside(unknown())))).toContain(429);
  });

  it('a revoked key counts as a failed credential, and a missing mapping does not', async () => {
    const revoked = await stage.virtualKey();
    await stage.gateway.admin.post(`/api/llm-virtual-keys/${revoked.id}/revoke`);
    const one = fromAnyone();
    expect(await repeat(4, () => call(one, bearer(revoked.value)))).toEqual([...of(3, 401), 429]);
    const narrow = await stage.virtualKey({
      providerApiKeys: [{ provider: 'anthropic', providerApiKeyId: stage.providerKeyIds.anthropic }],
    });
    const two = fromAnyone();
    expect(await repeat(6, () => call(two, bearer(narrow.value)))).toEqual(of(6, 400));
  });

  it('a request without a credential is not counted', async () => {
    const address = fromAnyone();
    expect(await repeat(70, () => call(address))).toEqual(of(70, 401));
    expectRefusal('openai', await call(address), { status: 401, code: 'credential_missing' });
    expect((await call(address, bearer((await stage.virtualKey()).value))).status).toBe(200);
  });

  it('calls without a credential leave at most sixty records a minute per address', async () => {
    const [, address] = fromAnyone();
    await repeat(70, () => call(from(address)));
    await stage.gateway.flushRecords();
    const [row] = await stage.sql<{ count: number }>(
      'SELECT count(*)::int FROM interaction WHERE client_address = $1',
      [address],
    );
    expect(row).toEqual({ count: 60 });
  });

  itWithOwnClock('failed credentials expire after a minute, and an accepted one stays exempt', async () => {
    const address = fromAnyone();
    const known = await stage.virtualKey();
    expect((await call(address, bearer(known.value))).status).toBe(200);
    const bad = unknown();
    expect(await repeat(4, () => call(address, bearer(bad)))).toEqual([...of(3, 401), 429]);
    stage.gateway.clock.advance(60_001);
    expectRefusal('openai', await call(address, bearer(bad)), invalid);
    // The caller has left the cache by now: the exemption itself must hold.
    await repeat(32, () => call(address, bearer(unknown())));
    expectRefusal('openai', await call(address, bearer(unknown())), tooMany);
    stage.gateway.clock.advance(31_000);
    expect((await call(address, bearer(known.value))).status).toBe(200);
  });

  itWithOwnClock('failures of a recently accepted key are exempt for five minutes', async () => {
    const address = fromAnyone();
    const key = await stage.virtualKey();
    expect((await call(address, bearer(key.value))).status).toBe(200);
    await stage.gateway.admin.post(`/api/llm-virtual-keys/${key.id}/revoke`);
    expect(await repeat(6, () => call(address, bearer(key.value)))).toEqual(of(6, 401));
    stage.gateway.clock.advance(5 * 60_000);
    expect(await repeat(4, () => call(address, bearer(key.value)))).toEqual([...of(3, 401), 429]);
  });
});

describe('the client address', () => {
  const addressOf = async (...headers: HeaderList): Promise<string> =>
    (await stage.recordOf(await call(...headers))).client_address as string;

  describe('behind trusted proxies', () => {
    beforeAll(async () => {
      stage = await startStage({
        TRUSTED_PROXIES: '127.0.0.1/32, 192.0.2.0/24, 2001:db8::/32',
        FAILED_CREDENTIALS_PER_MINUTE: '',
      });
    }, 60_000);
    afterAll(() => stage.close());

    it.each([
      ['the only entry', ['203.0.113.9'], '203.0.113.9'],
      ['the rightmost of several', ['1.1.1.1, 203.0.113.9'], '203.0.113.9'],
      ['the rightmost untrusted entry', ['1.1.1.1, 203.0.113.9, 192.0.2.7,192.0.2.8'], '203.0.113.9'],
      ['the rightmost untrusted entry of several header lines', ['1.1.1.1', '203.0.113.9, 192.0.2.7'], '203.0.113.9'],
      ['an untrusted IPv6 entry', ['203.0.113.1, 2001:470::1, 2001:db8::5'], '2001:470::1'],
      ['the leftmost entry if all are trusted', ['192.0.2.7, 192.0.2.8'], '192.0.2.7'],
      ['the peer without the header', [], '127.0.0.1'],
    ])('the client address behind trusted proxies is %s', async (_, lines, expected) => {
      expect(await addressOf(...lines.map(from))).toBe(expected);
    });

    it('the client address is read from no header other than X-Forwarded-For', async () => {
      const others: HeaderList = [
        ['x-real-ip', '9.9.9.9'],
        ['forwarded', 'for=9.9.9.9'],
        ['x-client-ip', '9.9.9.9'],
        ['cf-connecting-ip', '9.9.9.9'],
        ['true-client-ip', '9.9.9.9'],
      ];
      expect(await addressOf(...others)).toBe('127.0.0.1');
    });

    it('a client cannot evade the limit by varying X-Forwarded-For entries', async () => {
      const bad = unknown();
      let n = 0;
      const send = () => call(from(`10.0.0.${++n}, 203.0.113.77`), bearer(bad));
      expect(await repeat(11, send)).toEqual([...of(10, 401), 429]);
    });

    it('X-Forwarded-* and Host do not change the advertised metadata URL', async () => {
      const answer = await call(
        ['x-forwarded-host', 'evil.example'],
        ['x-forwarded-proto', 'https'],
        ['x-forwarded-port', '1'],
        ['x-forwarded-prefix', '/x'],
      );
      expect(answer.headers['www-authenticate']).toContain(`resource_metadata="${stage.gateway.url}/.well-known/`);
      const raw = await stage.wire.raw('GET /v1/openai/models HTTP/1.1\r\nHost: evil.example\r\n\r\n');
      expect(raw).toContain(`resource_metadata="${stage.gateway.url}/.well-known/`);
      expect(raw).not.toContain('evil.example');
    });
  });

  describe('without trusted proxies', () => {
    beforeAll(async () => void (stage = await startStage({ TRUSTED_PROXIES: '' })), 60_000);
    afterAll(() => stage.close());

    it('X-Forwarded-For is ignored without trusted proxies', async () => {
      expect(await addressOf(from('203.0.113.9'))).toBe('127.0.0.1');
      expect(await addressOf(from('127.0.0.1, 203.0.113.9'))).toBe('127.0.0.1');
    });
  });
});
