/** No secret and no content appears where it must not: a walk with marked ones, and then a search. */
import { startStage, storedSecret, FAMILIES, type Stage } from '../../support/gateway/stage.js';
import { Marks } from '../../support/gateway/marked-secrets.js';
import { Walk } from './secret-leaks.walk.js';

describe('leaks of secrets and content', () => {
  let stage: Stage;
  const marks = new Marks();
  let walk: Walk;

  beforeAll(async () => {
    const password = marks.add('password of the owner', 'correct horse battery staple, marked');
    stage = await startStage({ LOG_LEVEL: 'trace', ADMIN_PASSWORD: password });
    marks.add('key of the owner', stage.gateway.adminKey);
    marks.add('encryption key', stage.gateway.env.ENCRYPTION_KEYS!);
    for (const { id } of FAMILIES) marks.add(`stored ${id} key`, storedSecret(id));
    walk = new Walk(stage, marks);
    await walk.providerKeys();
    const keys = await walk.mintedSecrets();
    await walk.wrongCredentials();
    await walk.calls(keys);
    await walk.guardrails(keys);
    await walk.brokenDatabase();
    await stage.gateway.flushRecords();
  }, 120_000);
  afterAll(() => stage.close());

  it('the walk covers every kind of status with more than 80 marked secrets', () => {
    const statuses = new Set(walk.answers.concat(walk.once).map(({ status }) => status));
    expect([...statuses].sort()).toEqual(expect.arrayContaining([200, 201, 204, 400, 401, 403, 404, 500, 502]));
    expect(walk.answers.length).toBeGreaterThan(120);
    expect(marks.names.length).toBeGreaterThan(80);
  });

  it('the search finds secrets where they are shown once, in every encoding', () => {
    for (const { what, text } of walk.once) expect([what, marks.in(text)]).not.toEqual([what, []]);
    const encodings = ['plain', 'hex', 'base64', 'base64url'] as const;
    const secret = stage.gateway.adminKey;
    const forms = encodings.map((form) => (form === 'plain' ? secret : Buffer.from(`ab${secret}c`).toString(form)));
    for (const form of forms) expect(marks.in(form)).toContain('key of the owner');
  });

  it('no response contains a secret except the one that may show it', () => {
    expect(
      walk.answers.map(({ what, text }) => [what, marks.in(text)]).filter(([, found]) => found!.length > 0),
    ).toEqual([]);
  });

  it('no log line contains a secret at level trace', () => {
    expect(stage.gateway.log.length).toBeGreaterThan(100);
    const telling = stage.gateway.log.map((line) => [marks.in(line), line]).filter(([found]) => found!.length > 0);
    expect(telling).toEqual([]);
  });

  it('no row of any table contains a secret', async () => {
    const tables = await stage.sql<{ name: string }>(
      "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1",
    );
    let rows = 0;
    for (const { name } of tables) {
      for (const { row } of await stage.sql<{ row: string }>(`SELECT t::text AS row FROM "${name}" t`)) {
        rows++;
        expect([name, marks.in(row), row]).toEqual([name, [], row]);
      }
    }
    expect([tables.length > 12, rows > 100]).toEqual([true, true]);
  });

  it('metrics, the OpenAPI document and /readyz contain no secret', async () => {
    for (const path of ['/metrics', '/api/docs/openapi.json', '/readyz']) {
      const { text } = await stage.wire.call('GET', path);
      expect([path, text.length > 20, marks.in(text)]).toEqual([path, true, []]);
    }
  });
});
