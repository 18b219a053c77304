/**
 * The team that pays for a key or an application: its limits and statistics count the calls, and only authorized users
 * may set it.
 */
import { createId } from '../../../src/platform/ids.js';
import type { AdminClient, Json } from '../../support/http/admin-client.js';
import { familyOf, startStage, type Stage, type VirtualKey } from '../../support/gateway/stage.js';

const openai = familyOf('openai');
const KEYS = '/api/llm-virtual-keys';
const CLIENTS = '/api/llm-oauth-clients';

let stage: Stage;
let admin: AdminClient;

beforeAll(async () => {
  stage = await startStage();
  admin = stage.gateway.admin;
});
afterAll(() => stage.close());

const team = async (): Promise<string> => (await admin.create('/api/teams', { name: createId() })).id as string;
const limitOn = (entityId: string): Promise<Json> =>
  admin.create('/api/limits', { entityType: 'team', entityId, limitType: 'requests', limitValue: 1, window: '1w' });
const statuses = async (secret: string): Promise<number[]> => {
  const call = async (): Promise<number> => (await stage.chat(openai, [openai.key(secret)])).status;
  return [await call(), await call()];
};
const teamsOfLast = async (column: string, id: string): Promise<string[] | null> => {
  await stage.gateway.flushRecords();
  const [row] = await stage.sql<{ team_ids: string[] | null }>(
    `SELECT team_ids FROM interaction WHERE ${column}::text = $1 AND status = 200 ORDER BY created_at DESC LIMIT 1`,
    [id],
  );
  return row!.team_ids;
};
const memberOf = async (teamId: string, role: string): ReturnType<Stage['person']> => {
  const person = await stage.person('member');
  await admin.post(`/api/teams/${teamId}/members`, { userId: person.id, role });
  return person;
};

describe('payer team', () => {
  it("limits of a key's payer team replace those of its owner's teams", async () => {
    const [own, payer] = [await team(), await team()];
    const { id: ownerId } = await memberOf(own, 'member');
    const key = await stage.virtualKey({ ownerId, payerTeamId: payer });
    expect(key).toMatchObject({ payerTeamId: payer });
    await limitOn(own);
    expect(await statuses(key.value)).toEqual([200, 200]);
    expect(await teamsOfLast('virtual_key_id', key.id)).toEqual([payer]);
    await limitOn(payer);
    expect((await statuses(key.value))[0]).toBe(402);
  });

  it('calls of an application count for its payer team', async () => {
    const payer = await team();
    const provider = (await stage.virtualKey()) as VirtualKey & { providerApiKeys: object[] };
    const client = await admin.create(CLIENTS, {
      ...{ name: 'a service', grantType: 'client_credentials', scope: 'org', payerTeamId: payer },
      ...{ allowedLlmProxyIds: [stage.defaultProxyId], providerApiKeys: provider.providerApiKeys },
    });
    const form = { grant_type: 'client_credentials', client_id: client.clientId, client_secret: client.clientSecret };
    const answer = await fetch(`${stage.gateway.url}/api/auth/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams({ ...form, scope: 'llm:proxy' }),
    });
    const { access_token: token } = (await answer.json()) as { access_token: string };
    await limitOn(payer);
    expect(await statuses(token)).toEqual([200, 402]);
    expect(await teamsOfLast('oauth_client_id', client.id as string)).toEqual([payer]);
    const { data } = (await admin.get('/api/statistics/clients?timeframe=24h')).body as { data: Json[] };
    expect(data.map(({ entityId, name }) => [entityId, name])).toEqual([[client.id, 'a service']]);
  });

  it('statistics count calls for the payer team, including refused ones', async () => {
    const [own, payer] = [await team(), await team()];
    const { id: ownerId } = await memberOf(own, 'member');
    const key = await stage.virtualKey({ ownerId, payerTeamId: payer, allowedModels: ['gpt-5*'] });
    expect(await statuses(key.value)).toEqual([200, 200]);
    const denied = await stage.chat(openai, [openai.key(key.value)], {
      body: JSON.stringify({ ...JSON.parse(openai.body), model: 'gpt-4.1' }),
    });
    expect(denied.status).toBe(403);
    await stage.gateway.flushRecords();
    const { data } = (await admin.get('/api/statistics/teams?timeframe=24h&limit=100')).body as { data: Json[] };
    const figures = new Map(data.map(({ entityId, totals }) => [entityId, [totals.requests, totals.errors]]));
    expect([figures.get(payer), figures.get(own)]).toEqual([[3, 1], undefined]);
  });

  it('a changed payer team applies to the next call', async () => {
    const payer = await team();
    await limitOn(payer);
    const key = await stage.virtualKey({ payerTeamId: payer });
    expect(await statuses(key.value)).toEqual([200, 402]);
    expect((await admin.patch(`${KEYS}/${key.id}`, { payerTeamId: null })).body).toMatchObject({ payerTeamId: null });
    expect(await statuses(key.value)).toEqual([200, 200]);
  });

  it('deleting the payer team leaves the key active without a payer team', async () => {
    const payer = await team();
    await limitOn(payer);
    const key = await stage.virtualKey({ payerTeamId: payer });
    expect(await statuses(key.value)).toEqual([200, 402]);
    await admin.delete(`/api/teams/${payer}`);
    expect(await statuses(key.value)).toEqual([200, 200]);
    expect((await admin.get(`${KEYS}/${key.id}`)).body).toMatchObject({ payerTeamId: null, status: 'active' });
  });

  describe('permissions', () => {
    it('an admin of a team can set it as payer team, and a member cannot', async () => {
      const payer = await team();
      const [member, lead] = [await memberOf(payer, 'member'), await memberOf(payer, 'admin')];
      const body = { name: 'mine', keyType: 'passthrough', payerTeamId: payer };
      expect((await member.admin.post(KEYS, body)).status).toBe(403);
      expect((await lead.admin.post(KEYS, body)).status).toBe(201);
    });

    it('the owner of a key cannot remove its payer team without permission for that team', async () => {
      const payer = await team();
      const member = await memberOf(payer, 'member');
      const key = await stage.virtualKey({ ownerId: member.id, payerTeamId: payer });
      const answer = await member.admin.patch(`${KEYS}/${key.id}`, { payerTeamId: null });
      expect([answer.status, answer.body.code]).toEqual([403, 'permission_denied']);
      expect((await member.admin.patch(`${KEYS}/${key.id}`, { payerTeamId: payer, name: 'renamed' })).status).toBe(200);
    });

    it('an unknown payer team gets 400', async () => {
      const answer = await admin.post(CLIENTS, {
        ...{ name: 'a service', grantType: 'client_credentials', scope: 'org', payerTeamId: createId() },
      });
      expect([answer.status, answer.body.errors]).toEqual([
        400,
        [expect.objectContaining({ pointer: '/payerTeamId' })],
      ]);
    });
  });
});
