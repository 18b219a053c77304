/**
 * The keys that sign ID tokens: published before their first use, kept after their last, removed immediately on demand.
 */
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify, type JSONWebKeySet } from 'jose';
import { OAuthServer } from '../../../src/oauth/server/oauth-server.js';
import { SigningKeyStore } from '../../../src/oauth/signing-keys/signing-key.store.js';
import { LEAD_MS, MAX_AGE_MS, TRAIL_MS } from '../../../src/oauth/signing-keys/key-rotation.js';
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';
import { OAuthDriver } from '../../support/oauth/oauth-driver.js';
import { sql } from '../../support/gateway/people.js';
import { eventually } from '../../support/http/wire-client.js';

describe('signing keys', () => {
  let gateway: TestGateway;
  let oauth: OAuthDriver;
  beforeAll(async () => {
    gateway = await startGateway();
    oauth = new OAuthDriver(gateway.url);
  });
  afterAll(() => gateway.close());

  const keySet = async (): Promise<JSONWebKeySet> =>
    (await (await fetch(`${gateway.url}/api/auth/jwks`)).json()) as JSONWebKeySet;
  const published = async (): Promise<string[]> => (await keySet()).keys.map(({ kid }) => kid!).sort();
  const idToken = async (): Promise<string> =>
    (await oauth.userTokens({ over: { scope: 'openid llm:proxy' } })).tokens.id_token as string;
  const signer = (token: string): string => decodeProtectedHeader(token).kid!;
  /** Runs what every process does once a minute. */
  const aMinuteLater = (): Promise<void> => gateway.app.nest.get(OAuthServer).refresh();
  const store = (): SigningKeyStore => gateway.app.nest.get(SigningKeyStore, { strict: false });
  const verified = async (token: string): Promise<unknown> =>
    (await jwtVerify(token, createLocalJWKSet(await keySet()), { issuer: gateway.url })).payload.sub;

  it('the first start creates and publishes one signing key for each algorithm', async () => {
    const { keys } = await keySet();
    expect(keys.map(({ alg }) => alg).sort()).toEqual(['ES256', 'RS256']);
    for (const key of keys) expect(Object.keys(key)).not.toEqual(expect.arrayContaining(['d']));
    expect(await verified(await idToken())).toEqual(expect.any(String));
  });

  it('private signing keys are stored encrypted', async () => {
    const rows = await sql<{ row: string }>(gateway, 'SELECT to_jsonb(k)::text AS row FROM oauth_signing_key k');
    expect(rows).toHaveLength(2);
    for (const { row } of rows) expect(JSON.parse(row).sealed_private_jwk).toMatch(/^s1\.[0-9a-f]{8}\.[\w-]+$/);
  });

  it('a rotation publishes new keys an hour before use and old keys a day after', async () => {
    const before = await published();
    const old = await idToken();
    await store().rotate(false);
    // The event about it makes this process reload immediately.
    const both = await eventually(async () => {
      const kids = await published();
      return kids.length === 4 && kids;
    }, 'the next keys');
    expect(both).toEqual(expect.arrayContaining(before));
    expect(signer(await idToken())).toBe(signer(old));

    gateway.clock.advance(LEAD_MS + 1000);
    await aMinuteLater();
    const fresh = await idToken();
    expect(before).not.toContain(signer(fresh));
    expect(both).toContain(signer(fresh));
    expect(await published()).toEqual(both);

    gateway.clock.advance(TRAIL_MS);
    await aMinuteLater();
    expect(await published()).toEqual(both.filter((kid) => !before.includes(kid)));
  });

  it('an immediate rotation withdraws compromised keys', async () => {
    const before = await published();
    const stolen = await idToken();
    await store().rotate(true);
    await aMinuteLater();
    const after = await published();
    expect(after).toHaveLength(2);
    expect(after.filter((kid) => before.includes(kid))).toEqual([]);
    await expect(verified(stolen)).rejects.toThrow('no applicable key');
    expect(after).toContain(signer(await idToken()));
  });

  it('signing keys rotate automatically once after a quarter of a year', async () => {
    const before = await published();
    gateway.clock.advance(MAX_AGE_MS);
    await Promise.all([aMinuteLater(), aMinuteLater(), aMinuteLater()]);
    await aMinuteLater();
    expect(await published()).toHaveLength(4);
    expect(await published()).toEqual(expect.arrayContaining(before));
  });
});
