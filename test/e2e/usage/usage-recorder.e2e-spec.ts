/** The recorder: records that the database rejects do not delay the others, and no client input breaks a batch. */
import type { Caller } from '../../../src/auth/callers/caller.js';
import { createId, type OAuthClientId, type ProxyId, type UserId } from '../../../src/platform/ids.js';
import { LastUsedWriter } from '../../../src/usage/recording/last-used.writer.js';
import { UsageRecorder } from '../../../src/usage/recording/usage-recorder.js';
import { callRecord } from '../../support/gateway/call-record.js';
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';

let gateway: TestGateway;
let recorder: UsageRecorder;

beforeAll(async () => {
  gateway = await startGateway();
  recorder = gateway.app.nest.get(UsageRecorder, { strict: false });
});
afterAll(() => gateway.close());

const stored = async (sessionId: string): Promise<{ requestedModel: string }[]> =>
  (await gateway.admin.get(`/api/interactions?sessionId=${sessionId}`)).body.data;

it('the recorder drops a record that the database rejects and writes the others of its batch', async () => {
  recorder.record(callRecord({ sessionId: 'neighbours', requestedModel: 'before' }));
  recorder.record(callRecord({ sessionId: 'neighbours', requestedModel: 'refused', proxyId: 'no uuid' as ProxyId }));
  recorder.record(callRecord({ sessionId: 'neighbours', requestedModel: 'after' }));
  await recorder.flush();
  expect((await stored('neighbours')).map((row) => row.requestedModel).sort()).toEqual(['after', 'before']);
  expect(recorder.lost).toBe(1);
  expect(recorder.queued).toBe(0);
});

it('the recorder removes NUL and lone surrogates from texts and keeps all other characters', async () => {
  const names = [
    'nul\0nul',
    'half \ud83d pair',
    'whole \ud83d\ude00 pair',
    'back\\u0000slash',
    'back\\ud83dslash',
    '"quoted"',
  ];
  for (const requestedModel of names) recorder.record(callRecord({ sessionId: 'texts', requestedModel }));
  await recorder.flush();
  expect((await stored('texts')).map((row) => row.requestedModel).sort()).toEqual(
    ['nulnul', 'half  pair', ...names.slice(2)].sort(),
  );
});

it('the recorder stores a record as it was when it was recorded', async () => {
  const it = callRecord({ sessionId: 'now', requestedModel: 'as it was' });
  recorder.record(it);
  it.requestedModel = 'changed later';
  await recorder.flush();
  expect(await stored('now')).toMatchObject([{ requestedModel: 'as it was' }]);
});

it('the recorder updates lastUsedAt of the client of a call, with and without a user', async () => {
  const lastUsed = gateway.app.nest.get(LastUsedWriter, { strict: false });
  for (const subject of [
    (id: OAuthClientId) => ({ type: 'app', id }) as const,
    (id: OAuthClientId) => ({ type: 'user', id: createId<UserId>(), viaClient: id }) as const,
  ]) {
    const client = await gateway.admin.create('/api/llm-oauth-clients', { name: 'x', grantType: 'client_credentials' });
    recorder.record(callRecord({ caller: { subject: subject(client.id) } as Caller }));
    await lastUsed.flush();
    expect((await gateway.admin.get(`/api/llm-oauth-clients/${client.id}`)).body.lastUsedAt).not.toBeNull();
  }
});
