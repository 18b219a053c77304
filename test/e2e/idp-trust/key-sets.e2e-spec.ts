/**
 * The provider's keys: one address, fetched with limits, stored for a restart, and dropped when the provider drops
 * them.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { IdentityProvider } from '../../../src/idp-trust/trusted-issuer/identity-provider.js';
import { authTag } from '../../../src/auth/callers/caller.js';
import { FakeIdp, makeKey } from '../../support/oauth/fake-idp.js';
import { providerOf, Trust, type TrustProcess } from '../../support/oauth/idp-trust.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let trust: Trust;
let idp: FakeIdp;
let provider: IdentityProvider;

beforeAll(async () => (trust = await Trust.start()));
afterAll(() => trust.close());
beforeEach(async () => {
  idp = await FakeIdp.start({ alg: 'ES256' });
  idp.now = () => trust.clock.now();
  provider = await trust.saved(providerOf({ issuer: idp.issuer, jwksUrl: idp.jwksUrl }));
});
afterEach(() => idp.close());

const believes = (process: TrustProcess, token = idp.token(), by = provider): Promise<boolean> =>
  process.validator.validate(token, by).then(
    () => true,
    (error: { reason?: string; code?: string }) => {
      if (error.code === undefined) return false;
      throw error;
    },
  );

/** Waits until the fetched keys are stored. */
const kept = (process: TrustProcess): Promise<void> => process.keySets.onApplicationShutdown();

describe('a fetch of a key set', () => {
  it.each<[string, (idp: FakeIdp) => void, RegExp]>([
    ['gets an error', (it) => it.respond(500, '{}'), /status 500/],
    ['gets HTML', (it) => it.respond(200, '<html>'), /not JSON/],
    [
      'gets JSON of another content type',
      (it) => it.respond(200, '{"keys":[]}', { 'content-type': 'text/html' }),
      /content type/,
    ],
    ['gets keys that are not a list', (it) => it.respond(200, '{"keys":{}}'), /no list/],
    ['gets null', (it) => it.respond(200, 'null'), /no list/],
    ['gets an empty list', (it) => it.respond(200, '{"keys":[]}'), /no key/],
    ['gets unusable keys', (it) => it.respond(200, '{"keys":[{"kty":"oct","k":"AA"},null,7]}'), /no key/],
    [
      'gets an oversized body',
      (it) => it.respond(200, JSON.stringify({ keys: [], x: 'x'.repeat(262_144) })),
      /larger than 262144/,
    ],
    ['gets too many keys', (it) => it.respond(200, JSON.stringify({ keys: Array(101).fill({}) })), /more than 100/],
    ['gets a redirect', (it) => it.respond(302, '', { location: `${it.origin}/keys` }), /redirect/],
    ['loses its connection', (it) => (it.isDown = true), /cannot be used/],
  ])(
    'a key set fetch that %s fails with idp_unreachable and states the reason in its health',
    async (_, spoil, detail) => {
      spoil(idp);
      const process = trust.process();
      const outcome = process.validator.validate(idp.token(), provider);
      await expect(outcome).rejects.toMatchObject({ code: 'idp_unreachable', retryAfterSeconds: 1 });
      const health = await process.keySets.getHealth(provider);
      expect(health).toMatchObject({
        state: 'none',
        failuresInARow: 1,
        lastFailure: { detail: expect.stringMatching(detail) },
      });
      expect(idp.fetches).toBe(1);
    },
  );

  it('a key set fetch times out after three seconds for all waiting callers', async () => {
    idp.delayMs = 10_000;
    const process = trust.process();
    const startedAt = Date.now();
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => process.validator.validate(idp.token(), provider)));
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(Date.now() - startedAt).toBeLessThan(4_500);
    expect(idp.fetches).toBe(1);
  });

  it('a key set fetch does not connect to an unlisted private address', async () => {
    const process = trust.process();
    const jwksUrl = idp.jwksUrl.replace('127.0.0.1', '127.0.0.2');
    await expect(process.validator.validate(idp.token(), { ...provider, jwksUrl })).rejects.toMatchObject({
      code: 'idp_unreachable',
    });
    expect(idp.fetches).toBe(0);
  });

  it.each([
    ['max-age=30', 4 * MINUTE + 29_000, 5 * MINUTE],
    ['public, max-age=1200', 19 * MINUTE, 20 * MINUTE],
    ['max-age=86400', 59 * MINUTE, 60 * MINUTE],
    ['no-store', 9 * MINUTE, 10 * MINUTE],
    [null, 9 * MINUTE, 10 * MINUTE],
  ])(
    'a key set stays fresh as Cache-Control %j states, between 5 minutes and an hour',
    async (cacheControl, before, until) => {
      idp.cacheControl = cacheControl;
      const process = trust.process();
      await believes(process);
      const fetchedAt = (await process.keySets.getHealth(provider)).fetchedAt!;
      // The background fetch never ends, so that only the age matters.
      idp.response = () => new Promise(() => undefined);
      const stateAt = async (age: number): Promise<string> => {
        trust.clock.offsetMs = 0;
        trust.clock.advance(fetchedAt + age - trust.clock.now());
        return (await process.keySets.getHealth(provider)).state;
      };
      expect(await stateAt(before)).toBe('fresh');
      expect(await stateAt(until + 1_000)).toBe('stale');
    },
  );
});

describe('floods of unknown keys', () => {
  it('a flood of unknown keys costs one fetch, then two a minute', async () => {
    const process = trust.process();
    const forger = await makeKey('ES256');
    const flood = (count: number): Promise<boolean[]> =>
      Promise.all(
        Array.from({ length: count }, (_, i) =>
          believes(process, idp.token({}, { key: forger, header: { kid: `random-${i}` } })),
        ),
      );
    expect((await flood(1_000)).some(Boolean)).toBe(false);
    expect(idp.fetches).toBe(1);
    trust.clock.advance(30_000);
    expect((await flood(1_000)).some(Boolean)).toBe(false);
    expect(idp.fetches).toBe(2);
    expect(await believes(process)).toBe(true);
  });
});

describe('key rotation', () => {
  it('a new IdP key is accepted at its first use, and the old key stays valid', async () => {
    const process = trust.process();
    expect(await believes(process)).toBe(true);
    const [old] = idp.keys;
    const next = await idp.rotate();
    trust.clock.advance(MINUTE);
    expect(await believes(process, idp.token({}, { key: old! }))).toBe(true);
    expect(await believes(process, idp.token({}, { key: next }))).toBe(true);
    expect(await believes(process, idp.token({}, { key: old! }))).toBe(true);
    expect(idp.fetches).toBe(2);
  });

  it('a dropped IdP key is rejected after the next fetch, which emits revoked for it', async () => {
    const process = trust.process();
    const [old] = idp.keys;
    const next = await idp.rotate();
    expect(await believes(process, idp.token({}, { key: old! }))).toBe(true);
    await kept(process);
    expect(process.seen).toEqual([]);
    idp.drop(old!);
    trust.clock.advance(11 * MINUTE);
    expect(await believes(process, idp.token({}, { key: old! }))).toBe(false);
    await kept(process);
    expect(process.seen.map(({ tag, effect }) => [tag, effect])).toEqual([
      [authTag.identityProvider(provider.id), 'changed'],
      [authTag.identityProviderKey(provider.id, old!.kid!), 'revoked'],
    ]);
    expect(await believes(process, idp.token({}, { key: next }))).toBe(true);
  });

  it('a new key under the same kid revokes the old key', async () => {
    const process = trust.process();
    const [old] = idp.keys;
    await believes(process);
    await kept(process);
    idp.keys = [await makeKey('ES256', { kid: old!.kid! })];
    trust.clock.advance(11 * MINUTE);
    expect(await believes(process)).toBe(true);
    expect(await believes(process, idp.token({}, { key: old! }))).toBe(false);
    await kept(process);
    expect(process.seen.map(({ tag }) => tag)).toContain(authTag.identityProviderKey(provider.id, old!.kid!));
  });

  it('a rotation that one process fetched takes effect in all processes', async () => {
    const [one, two] = [trust.process(), trust.process()];
    const [old] = idp.keys;
    await idp.rotate();
    const token = (): string => idp.token({}, { key: old! });
    expect(await believes(one, token())).toBe(true);
    await kept(one);
    trust.clock.advance(6 * MINUTE);
    expect(await believes(two, token())).toBe(true);
    idp.drop(old!);
    trust.clock.advance(5 * MINUTE);
    expect(await believes(one, token())).toBe(false);
    await kept(one);
    const { fetches } = idp;
    for (const event of one.seen) two.events.apply(event);
    expect(await believes(two, token())).toBe(false);
    expect(idp.fetches).toBe(fetches);
    await kept(two);
    expect(two.seen).toHaveLength(one.seen.length);
  });
});

describe('an outage of the provider', () => {
  it('an IdP outage leaves fetched keys valid for a day, then fails with idp_unreachable', async () => {
    const process = trust.process();
    expect(await believes(process)).toBe(true);
    idp.isDown = true;
    trust.clock.advance(MINUTE);
    expect(await believes(process)).toBe(true);
    trust.clock.advance(22 * HOUR);
    expect(await believes(process)).toBe(true);
    expect(trust.log.join('')).toContain('the keys of an identity provider could not be fetched');
    trust.clock.advance(2 * HOUR);
    await expect(process.validator.validate(idp.token(), provider)).rejects.toMatchObject({ code: 'idp_unreachable' });
    idp.isDown = false;
    trust.clock.advance(MINUTE);
    expect(await believes(process)).toBe(true);
    expect(await process.keySets.getHealth(provider)).toMatchObject({ state: 'fresh', failuresInARow: 0 });
  });

  it('a restart during an IdP outage uses the stored keys for a day', async () => {
    const before = trust.process();
    await believes(before);
    await kept(before);
    idp.isDown = true;
    const after = trust.process();
    expect(await believes(after)).toBe(true);
    expect(await after.keySets.getHealth(provider)).toMatchObject({ keyIds: [idp.signingKey.kid] });
    expect(idp.fetches).toBe(1);
    trust.clock.advance(24 * HOUR);
    await expect(trust.process().validator.validate(idp.token(), provider)).rejects.toMatchObject({
      code: 'idp_unreachable',
    });
  });

  it('keys stored from another jwksUrl are ignored', async () => {
    const before = trust.process();
    await believes(before);
    await kept(before);
    const other = await FakeIdp.start({ alg: 'ES256' });
    try {
      const moved = { ...provider, jwksUrl: other.jwksUrl };
      expect(await believes(trust.process(), idp.token(), moved)).toBe(false);
      // Nor in a process that has them already.
      expect(await believes(before, idp.token(), moved)).toBe(false);
    } finally {
      await other.close();
    }
  });
});

describe('stored key sets', () => {
  it('keys of an unsaved provider are not stored', async () => {
    const draft = providerOf({ issuer: idp.issuer, jwksUrl: idp.jwksUrl });
    const process = trust.process();
    expect(await believes(process, idp.token(), draft)).toBe(true);
    await kept(process);
    expect(trust.log.join('')).not.toContain('could not be kept');
    const rows = await trust.resources.database.dataSource.query(
      'SELECT 1 FROM identity_key_set WHERE identity_provider_id = $1',
      [draft.id],
    );
    expect(rows).toEqual([]);
  });

  it('only the public members of verification keys are stored', async () => {
    Object.assign(idp.signingKey.jwk, { x5c: ['MIIB'], note: 'a\u0000b' });
    idp.keys.unshift({ ...(await makeKey('RS256')), jwk: { kty: 'oct', k: 'c2VjcmV0', kid: 'secret' } });
    const process = trust.process();
    await believes(process);
    await kept(process);
    const [row] = await trust.resources.database.dataSource.query(
      'SELECT jwks FROM identity_key_set WHERE identity_provider_id = $1',
      [provider.id],
    );
    expect(row.jwks.keys.map((key: object) => Object.keys(key).sort())).toEqual([
      ['alg', 'crv', 'kid', 'kty', 'x', 'y'],
    ]);
  });
});

it('the health of an unused identity provider is read without a fetch', async () => {
  expect(await trust.process().keySets.getHealth(provider)).toEqual({
    state: 'none',
    fetchedAt: null,
    ageSeconds: null,
    keyIds: [],
    lastFailure: null,
    failuresInARow: 0,
  });
  await pause(10);
  expect(idp.fetches).toBe(0);
});
