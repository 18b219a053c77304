/**
 * Recalculates the cost of past calls by the prices now set for the time of each call: for prices that were late or
 * wrong. Updates records and statistics together, some hundred at a time, so calls can proceed and it can be restarted.
 * Limits keep the cost counted when the calls were made.
 */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditLog } from '../../audit/entries/audit-log.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import type { OrgId } from '../../platform/ids.js';
import { findProvider } from '../../providers/registry.js';
import { PriceBook } from './price-book.js';
import { ADD_COSTS, COUNTED_COLUMNS } from '../rollup/counters.js';

const BATCH = 500;

/** Selects records created from `from` on and before `to`. */
export interface RepricingRange {
  readonly from: Date;
  readonly to: Date;
}

export interface RepricingReport {
  /** Records with tokens. */
  records: number;
  /** Records whose cost or price version differs from before. */
  changed: number;
  /** Records without a price, left unchanged. */
  unpriced: number;
  costBeforeUsd: number;
  costAfterUsd: number;
}

interface RecordRow {
  id: string;
  created_at: Date;
  provider: string;
  model: string | null;
  input_tokens: string;
  cached_input_tokens: string | null;
  cache_write_tokens: string | null;
  long_cache_write_tokens: string | null;
  output_tokens: string | null;
  reasoning_tokens: string | null;
  cost_micro_usd: number | null;
  price_version: string | null;
}

// The model that the call was priced by: for the router, records name an alias and the model it led to.
const READ = `
  SELECT id, created_at, provider, input_tokens, cached_input_tokens, cache_write_tokens, long_cache_write_tokens,
         output_tokens, reasoning_tokens, cost_micro_usd, price_version,
         coalesce(served_model, substring(attempts -> -1 ->> 'model' FROM '^[^:]*:(.*)$'), requested_model) AS model
    FROM interaction
   WHERE organization_id = $1 AND created_at >= $2 AND created_at < $3 AND (created_at, id) > ($4, $5)
     AND input_tokens IS NOT NULL AND provider IS NOT NULL
   ORDER BY created_at, id LIMIT ${BATCH}`;

const COLUMNS = COUNTED_COLUMNS.split(',')
  .map((name) => name.trim())
  .map((name) =>
    name === 'cost_micro_usd' ? 'coalesce(r.cost, 0) - coalesce(was.cost_micro_usd, 0) AS cost_micro_usd' : `i.${name}`,
  )
  .join(', ');

const WRITE = `
  WITH r AS (SELECT * FROM json_to_recordset($1::json) AS r (id uuid, created_at timestamptz, cost double precision, version text)),
  was AS MATERIALIZED (
    SELECT i.id, i.created_at, i.cost_micro_usd FROM interaction i JOIN r USING (id, created_at)
     WHERE i.created_at BETWEEN $2 AND $3 ORDER BY i.created_at, i.id FOR UPDATE OF i),
  inserted AS (
    UPDATE interaction i SET cost_micro_usd = r.cost, price_version = r.version FROM r JOIN was USING (id, created_at)
     WHERE i.id = r.id AND i.created_at = r.created_at AND i.created_at BETWEEN $2 AND $3
    RETURNING ${COLUMNS}),${ADD_COSTS}`;

@Injectable()
export class Repricing {
  constructor(
    private readonly dataSource: DataSource,
    private readonly work: UnitOfWork,
    private readonly audit: AuditLog,
    private readonly prices: PriceBook,
  ) {}

  /** `isDry`: writes nothing. Otherwise the audit log records the start and the result. */
  async run(organizationId: OrgId, range: RepricingRange, isDry: boolean): Promise<RepricingReport> {
    await this.prices.warm(organizationId);
    const report = { records: 0, changed: 0, unpriced: 0, costBeforeUsd: 0, costAfterUsd: 0 };
    if (!isDry) await this.#recordAudit(organizationId, 'rerate_begin', range);
    let last: Pick<RecordRow, 'created_at' | 'id'> = {
      created_at: new Date(0),
      id: '00000000-0000-0000-0000-000000000000',
    };
    for (;;) {
      const rows = await this.dataSource.query<RecordRow[]>(READ, [
        ...[organizationId, range.from, range.to],
        ...[last.created_at, last.id],
      ]);
      const changes = rows.flatMap((row) => this.#reprice(organizationId, row, report));
      if (!isDry && changes.length > 0)
        await this.dataSource.query(WRITE, [JSON.stringify(changes), rows[0]!.created_at, rows.at(-1)!.created_at]);
      if (rows.length < BATCH) break;
      last = rows.at(-1)!;
    }
    if (!isDry) await this.#recordAudit(organizationId, 'rerate', { ...range, ...report });
    return report;
  }

  /** Returns the changes to write to the record: none if nothing changes. */
  #reprice(organizationId: OrgId, row: RecordRow, report: RepricingReport): object[] {
    const before = row.cost_micro_usd ?? 0;
    const adapter = findProvider(row.provider);
    const toNumber = (text: string | null): number => Number(text ?? 0);
    const usage = {
      inputTokens: toNumber(row.input_tokens),
      cachedInputTokens: toNumber(row.cached_input_tokens),
      cacheWriteTokens: toNumber(row.cache_write_tokens),
      longCacheWriteTokens: toNumber(row.long_cache_write_tokens),
      outputTokens: toNumber(row.output_tokens),
      reasoningTokens: toNumber(row.reasoning_tokens),
    };
    const priced =
      adapter && row.model !== null
        ? this.prices.priceUsage(organizationId, adapter, row.model, usage, row.created_at.getTime())
        : null;
    report.records++;
    report.costBeforeUsd += before / 1e6;
    report.costAfterUsd += (priced?.costMicroUsd ?? before) / 1e6;
    if (!priced) {
      report.unpriced++;
      return [];
    }
    const { costMicroUsd: cost, priceVersion: version } = priced;
    if (cost === row.cost_micro_usd && version === row.price_version) return [];
    report.changed++;
    return [{ id: row.id, created_at: row.created_at, cost, version }];
  }

  #recordAudit(organizationId: OrgId, verb: string, after: object): Promise<void> {
    const event = { action: `interaction.${verb}`, targetType: 'organization', targetId: organizationId, after };
    return this.work.run(({ manager }) => this.audit.recordBySystem(manager, organizationId, event));
  }
}

/** Returns the output of `gatehouse rerate` for one organization. */
export function formatRepricingReport(slug: string, report: RepricingReport, isDry: boolean): string {
  const { records, changed, unpriced, costBeforeUsd, costAfterUsd } = report;
  const formatUsd = (value: number): string => `$${value.toFixed(6)}`;
  const unpricedNote = unpriced > 0 ? `, ${unpriced} without a price left as they are` : '';
  return (
    `${slug}: ${records} records with tokens, ${changed} ${isDry ? 'would change' : 'changed'}${unpricedNote}\n` +
    `  cost  ${formatUsd(costBeforeUsd)} -> ${formatUsd(costAfterUsd)}\n`
  );
}
