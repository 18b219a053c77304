/** Promise: costs of calls can be recomputed, and then records and statistics agree. */
import type { OrgId } from '../../../src/platform/ids.js';
import { Repricing, type RepricingReport } from '../../../src/usage/prices/repricing.js';
import type { Json } from '../../support/http/admin-client.js';
import { auditOf } from '../../support/gateway/people.js';
import { familyOf, startStage, type Stage, type VirtualKey } from '../../support/gateway/stage.js';

const HOUR_MS = 3_600_000;
const openai = familyOf('openai');

let stage: Stage;
let key: VirtualKey;
let calls: number;
const from = new Date(Date.now() - HOUR_MS);
const to = new Date(Date.now() + HOUR_MS);

beforeAll(async () => {
  stage = await startStage();
  key = await stage.virtualKey();
  for (calls = 0; calls < 7; calls++) await stage.chat(openai, [openai.key(key.value)]);
  await stage.chat(openai, [openai.key('arch_unknown')]);
  await stage.gateway.flushRecords();
});
afterAll(() => stage.close());

const rerate = (range = { from, to }, isDry = false): Promise<RepricingReport> =>
  stage.gateway.app.nest.get(Repricing).run(stage.organizationId as OrgId, range, isDry);
const records = async (): Promise<Json[]> =>
  (await stage.gateway.admin.get(`/api/interactions?virtualKeyId=${key.id}&limit=100`)).body.data;
const costOf = (rows: readonly Json[]): number => rows.reduce((sum, { costUsd }) => sum + costUsd, 0);
/** Sums of the records, and of the counters of each step and dimension that these calls count for. */
const sums = (): Promise<Json[]> =>
  stage.sql<Json>(
    `SELECT u.dimension, u.step, sum(u.cost_micro_usd) AS counted,
            (SELECT sum(cost_micro_usd) FROM interaction i WHERE i.organization_id = u.organization_id
                AND (u.dimension <> 'key' OR i.virtual_key_id IS NOT NULL)) AS recorded
       FROM usage_rollup u WHERE u.organization_id = $1 AND u.dimension IN ('all', 'key', 'model', 'proxy')
      GROUP BY u.organization_id, u.dimension, u.step ORDER BY 1, 2`,
    [stage.organizationId],
  );
const expectAgreement = async (): Promise<void> => {
  const rows = await sums();
  expect(rows.length).toBeGreaterThan(6);
  for (const row of rows) expect(row).toMatchObject({ counted: expect.closeTo(row.recorded, 6) });
};

it('repricing at unchanged prices changes nothing, and every record shows its price version', async () => {
  const before = await records();
  expect(new Set(before.map(({ priceVersion }) => priceVersion)).size).toBe(1);
  expect(before[0]!.priceVersion).toMatch(/^list:[\w-]{16}$/);
  const report = await rerate();
  expect(report).toMatchObject({ records: calls, changed: 0, unpriced: 0 });
  expect(report.costAfterUsd).toBeCloseTo(costOf(before), 12);
  expect(await records()).toEqual(before);
});

it('repricing applies a price that was set later to records and statistics and writes audit entries', async () => {
  const before = await records();
  const price = { provider: 'openai', model: before[0]!.servedModel, input: 1000, output: 1000 };
  await stage.gateway.admin.put('/api/llm-models/override', { ...price, effectiveFrom: from.toISOString() });

  const dry = await rerate({ from, to }, true);
  expect(dry).toMatchObject({ records: calls, changed: calls });
  expect(await records()).toEqual(before);

  const report = await rerate();
  expect(report).toEqual(dry);
  const after = await records();
  for (const { inputTokens, outputTokens, costUsd, priceVersion } of after) {
    expect(costUsd).toBeCloseTo((inputTokens + outputTokens) / 1000, 9);
    expect(priceVersion).toMatch(/^own:[0-9a-f-]{36}$/);
  }
  expect(report.costBeforeUsd).toBeCloseTo(costOf(before), 9);
  expect(report.costAfterUsd).toBeCloseTo(costOf(after), 9);
  await expectAgreement();
  const entries = await auditOf(stage.gateway, stage.organizationId);
  expect(entries.slice(-2)).toEqual([
    expect.objectContaining({ action: 'interaction.rerate_begin' }),
    expect.objectContaining({ action: 'interaction.rerate', after: expect.objectContaining({ changed: calls }) }),
  ]);
});

it('repricing can be repeated, run concurrently and limited to a range', async () => {
  const [again] = await Promise.all([rerate(), rerate()]);
  expect(again).toMatchObject({ changed: 0 });
  await stage.gateway.admin.delete(
    `/api/llm-models/override?provider=openai&model=${(await records())[0]!.servedModel}`,
  );
  // The price was removed after these calls: it still applies to them.
  expect(await rerate()).toMatchObject({ changed: 0 });
  expect(await rerate({ from: new Date(from.getTime() - HOUR_MS), to: from })).toMatchObject({ records: 0 });
  const dearer = { provider: 'openai', model: (await records())[0]!.servedModel, input: 2000, output: 2000 };
  await stage.gateway.admin.put('/api/llm-models/override', { ...dearer, effectiveFrom: from.toISOString() });
  await Promise.all([rerate(), rerate(), rerate()]);
  for (const { inputTokens, outputTokens, costUsd } of await records())
    expect(costUsd).toBeCloseTo((inputTokens + outputTokens) / 500, 9);
  await expectAgreement();
});
