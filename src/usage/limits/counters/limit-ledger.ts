/**
 * Computes the usage of a limit from the records of calls, to fill a counter that is new or that the shared state lost.
 * Reads all records of the window, so it is only for these rare cases.
 */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { matchesModel } from '../../../providers/prices/model-patterns.js';
import { UsageRecorder } from '../../recording/usage-recorder.js';
import type { Limit, LimitedEntity } from '../definitions/limit.js';
import { describeLimitType } from '../definitions/limit-types.js';
import { getBucketLength, findWindowPosition } from '../definitions/limit-window.js';

/** Selects the calls of an entity; `$3` is its id. */
const ENTITY_FILTERS: Readonly<Record<LimitedEntity, string>> = {
  organization: 'organization_id = $3::uuid',
  team: '$3::uuid = ANY (team_ids)',
  user: 'user_id = $3::uuid',
  virtual_key: 'virtual_key_id = $3::uuid',
  oauth_client: 'oauth_client_id = $3::text',
  llm_proxy: 'proxy_id = $3::uuid',
};

interface UsedRow {
  /** `provider:model`, as sent to the provider. */
  model: string | null;
  bucket: string;
  used: string | null;
}

@Injectable()
export class LimitLedger {
  constructor(
    private readonly dataSource: DataSource,
    private readonly recorder: UsageRecorder,
  ) {}

  /** Returns bucket → usage, in the limit's unit. Records that other processes have not written yet are missing. */
  async readUsage(limit: Limit, now: number): Promise<ReadonlyMap<number, number>> {
    const { countSql } = describeLimitType(limit.limitType);
    if (countSql === null) return new Map();
    await this.recorder.flush();
    const { startsAt, bucket } = findWindowPosition(limit.window, now);
    const bucketMs = getBucketLength(limit.window);
    // A calendar window is one bucket; in a rolling one, the instant determines the bucket.
    const bucketSql =
      bucketMs === null ? `${bucket}` : `floor(extract(epoch FROM created_at) * 1000 / ${bucketMs})::bigint`;
    const rows = await this.dataSource.query<UsedRow[]>(
      `SELECT coalesce(attempts -> -1 ->> 'model', provider || ':' || requested_model) AS model,
              ${bucketSql} AS bucket, sum(${countSql}) AS used
         FROM interaction
        WHERE organization_id = $1 AND created_at >= $2 AND ${ENTITY_FILTERS[limit.entityType]}
          AND (status BETWEEN 200 AND 299 OR input_tokens IS NOT NULL)
          AND operation IS NOT NULL AND operation NOT IN ('list_models', 'count_tokens')
        GROUP BY 1, 2`,
      [limit.organizationId, new Date(startsAt), limit.entityId],
    );
    return sumByBucket(rows.filter(({ model }) => isModelCovered(limit, model)));
  }
}

function isModelCovered({ model: patterns }: Limit, model: string | null): boolean {
  if (patterns.length === 0 || model === null) return true;
  const colon = model.indexOf(':');
  return matchesModel(patterns, model.slice(0, colon), model.slice(colon + 1));
}

function sumByBucket(rows: readonly UsedRow[]): Map<number, number> {
  const used = new Map<number, number>();
  for (const row of rows) {
    const bucket = Number(row.bucket);
    used.set(bucket, (used.get(bucket) ?? 0) + Math.ceil(Number(row.used ?? 0)));
  }
  return used;
}
