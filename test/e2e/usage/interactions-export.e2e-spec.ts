import { createId, type OrgId } from '../../../src/platform/ids.js';
import { INSERT_INTERACTIONS, toJsonBatch, toJsonRow } from '../../../src/usage/recording/interaction-insert.js';
import type { InteractionRecord } from '../../../src/usage/recording/interaction-record.js';
import type { Json } from '../../support/http/admin-client.js';
import { callRecord } from '../../support/gateway/call-record.js';
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';
import { castOf, sql, type Cast } from '../../support/gateway/people.js';

const PATH = '/api/interactions/export';
/** More than two batches of an export. */
const COUNT = 2_300;

describe('/api/interactions/export', () => {
  let gateway: TestGateway;
  let cast: Cast;

  beforeAll(async () => {
    gateway = await startGateway();
    cast = await castOf(gateway);
    const now = Date.now();
    await insert(
      Array.from({ length: COUNT }, (_, n) => ({
        createdAt: now - Math.floor(n / 3) * 60_000,
        sessionId: n % 2 === 0 ? 'even' : 'odd',
        status: n % 10 === 0 ? 429 : 200,
        errorReason: 'r',
      })),
    );
    await insert([{ organizationId: cast.stranger.organizationId as OrgId }]);
  });
  afterAll(() => gateway.close());

  async function insert(changes: Partial<InteractionRecord>[]): Promise<void> {
    const organizationId = cast.organizationId as OrgId;
    const rows = changes.map((change) => toJsonRow(callRecord({ organizationId, ...change })));
    await sql(gateway, INSERT_INTERACTIONS, [toJsonBatch(rows)]);
  }
  const linesOf = async (query = '', who = cast.owner): Promise<Json[]> => {
    const answer = await fetch(`${gateway.url}${PATH}${query}`, {
      headers: { authorization: `Bearer ${who.client.key}` },
    });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/x-ndjson']);
    const lines = (await answer.text()).split('\n');
    expect(lines.pop()).toBe('');
    return lines.map((line) => JSON.parse(line));
  };

  it('the export of interactions contains every record once in the order of the list', async () => {
    const lines = await linesOf();
    expect(lines).toHaveLength(COUNT);
    expect(new Set(lines.map(({ id }) => id)).size).toBe(COUNT);
    const { data } = (await cast.owner.client.get('/api/interactions?limit=100')).body;
    expect(lines.slice(0, 100)).toEqual(data);
    expect(lines.map(({ createdAt }) => createdAt)).toEqual(
      lines
        .map(({ createdAt }) => createdAt)
        .sort()
        .reverse(),
    );
  });

  it('the export of interactions accepts the filters of the list', async () => {
    const lines = await linesOf('?sessionId=even&status=429');
    expect(lines).toHaveLength(COUNT / 10);
    expect(lines.every(({ status, sessionId }) => status === 429 && sessionId === 'even')).toBe(true);
    const from = encodeURIComponent(new Date(Date.now() - 10.5 * 60_000).toISOString());
    expect((await linesOf(`?from=${from}`)).length).toBeLessThan(40);
    expect(await linesOf(`?userId=${createId()}`)).toEqual([]);
  });

  it('the export of interactions writes an audit entry with its filters', async () => {
    await linesOf('?sessionId=odd', cast.editor);
    const [entry] = await sql<Json>(
      gateway,
      `SELECT actor_id, after FROM audit_entry WHERE action = 'interaction.export' ORDER BY id DESC LIMIT 1`,
    );
    expect(entry).toEqual({ actor_id: cast.editor.id, after: { sessionId: 'odd' } });
  });

  it('an export whose reader leaves does not disturb the next one', async () => {
    const { client } = cast.owner;
    const answer = await fetch(`${client.url}${PATH}`, { headers: { authorization: `Bearer ${client.key}` } });
    const reader = answer.body!.getReader();
    await reader.read();
    await reader.cancel();
    expect(await linesOf()).toHaveLength(COUNT);
  });

  it.each(['limit=5', 'cursor=x', 'status=abc', 'colour=red'])(
    'GET /api/interactions/export?%s is refused with 400',
    async (query) => {
      const { status, body } = await cast.owner.client.get(`${PATH}?${query}`);
      expect([status, body.code]).toEqual([400, 'validation_failed']);
    },
  );

  it("the export of interactions needs interaction:read and contains only records of the caller's organization", async () => {
    expect((await cast.member.client.get(PATH)).status).toBe(403);
    expect((await gateway.admin.as(null).get(PATH)).status).toBe(401);
    expect(await linesOf('', cast.stranger)).toHaveLength(1);
  });
});
