/** Programs that are recognized by their headers, as named in the records of their calls. */
import { familyOf, fromAnyone, startStage, type Stage, type VirtualKey } from '../../support/gateway/stage.js';
import type { HeaderList } from '../../support/http/wire-client.js';

let stage: Stage;
let key: VirtualKey;
beforeAll(async () => {
  stage = await startStage();
  key = await stage.virtualKey();
}, 60_000);
afterAll(() => stage.close());

async function recordOf(headers: HeaderList) {
  const family = familyOf('anthropic');
  return stage.recordOf(await stage.chat(family, [fromAnyone(), family.key(key.value), ...headers]));
}

describe('recognized clients', () => {
  it('the record names a recognized client with its version, session and agent', async () => {
    const session = `session-${key.id}`;
    const record = await recordOf([
      ['user-agent', 'claude-cli/2.1.220 (external, cli)'],
      ['x-claude-code-session-id', session],
      ['x-claude-code-agent-id', 'explorer'],
    ]);
    expect(record).toMatchObject({
      client_name: 'claude-code',
      client_version: '2.1.220',
      session_id: session,
      agent_id: 'explorer',
    });
    const { data } = (await stage.gateway.admin.get(`/api/interactions?clientName=claude-code&sessionId=${session}`))
      .body;
    expect(data).toMatchObject([{ id: record.id, clientName: 'claude-code', clientVersion: '2.1.220' }]);
    expect(
      (await stage.gateway.admin.get(`/api/interactions?clientName=codex&sessionId=${session}`)).body.data,
    ).toEqual([]);
  });

  const UUID = '0b4445e1-f5be-49e1-87ce-62bbc28ad705';
  it.each<[string, 'openai' | 'anthropic', string, object, string]>([
    ['a Claude client', 'anthropic', 'v1/messages', { metadata: { user_id: `user_a_account__session_${UUID}` } }, UUID],
    ['a newer Claude client', 'anthropic', 'v1/messages', { metadata: { user_id: `{"session_id":"${UUID}"}` } }, UUID],
    ['an OpenAI client', 'openai', 'chat/completions', { user: 'u-1' }, 'u-1'],
    [
      'an OpenAI client with a cache key',
      'openai',
      'chat/completions',
      { user: 'u-1', prompt_cache_key: 'k-1' },
      'k-1',
    ],
  ])('the session of %s comes from its body unless a gateway header names one', async (_, id, path, over, session) => {
    const family = familyOf(id);
    const call = (body: object, route: string, headers: HeaderList = []) =>
      stage.wire.call(
        'POST',
        route,
        [['content-type', 'application/json'], fromAnyone(), ['authorization', `Bearer ${key.value}`], ...headers],
        JSON.stringify(body),
      );
    const body = { ...(JSON.parse(family.body) as object), ...over };
    const record = await stage.recordOf(await call(body, `/v1/${id}/${path}`));
    expect(record).toMatchObject({ status: 200, session_id: session });
    const ours = await stage.recordOf(await call(body, `/v1/${id}/${path}`, [['x-archestra-session-id', 'ours']]));
    expect(ours.session_id).toBe('ours');
    const routed = await call({ ...body, model: `${id}:${family.model}` }, `/v1/model-router/${path}`);
    expect((await stage.recordOf(routed)).session_id).toBe(session);
  });

  it('an unknown user-agent leaves the client name empty', async () => {
    expect(await recordOf([['user-agent', 'something/1.0']])).toMatchObject({
      client_name: null,
      client_version: null,
    });
  });

  it('the record of a refused call names its client', async () => {
    const answer = await stage.chat(familyOf('openai'), [fromAnyone(), ['user-agent', 'curl/8.5.0']]);
    expect(answer.status).toBe(401);
    expect(await stage.recordOf(answer)).toMatchObject({ client_name: 'curl', client_version: '8.5.0' });
  });

  it("a recognized client's own session header meets requiredHeaders", async () => {
    const proxyId = await stage.llmProxy({ policy: { requiredHeaders: ['session'] } });
    const family = familyOf('anthropic');
    const call = (headers: HeaderList) =>
      stage.chat(family, [fromAnyone(), family.key(key.value), ...headers], { proxyId });
    expect((await call([])).status).toBe(403);
    expect((await call([['x-claude-code-session-id', 's']])).status).toBe(200);
  });
});
