/**
 * Counters of the statistics, written by the statement that writes the records: exactly the inserted records are
 * counted, so a batch that is sent twice counts once. Rows are updated in the order of their key, so that two processes
 * that count for the same organization wait for each other without a deadlock.
 */

/**
 * Dimensions by which calls are counted, each as an expression over a row of `inserted`. NULL: the call does not count
 * there.
 */
const DIMENSION_SQL = {
  all: `''`,
  user: 'user_id::text',
  key: 'virtual_key_id::text',
  // External text is truncated: an index entry has at most 2,700 bytes.
  client: 'left(oauth_client_id, 256)',
  proxy: 'proxy_id::text',
  model: `left(provider || ':' || coalesce(served_model, requested_model), 256)`,
};

/** Computed from records only: counters per session and step would be as many rows as calls. */
const RECORDED_DIMENSION_SQL = { session: 'left(session_id, 256)' };

export type Dimension = keyof typeof DIMENSION_SQL | 'team' | keyof typeof RECORDED_DIMENSION_SQL;
export const DIMENSIONS = [...Object.keys(DIMENSION_SQL), 'team'] as Dimension[];

/** Dimensions with few values, which keeps the rows of latencies few. */
const LATENCY_DIMENSIONS: readonly Dimension[] = ['all', 'model'];

export const STEPS = ['minute', 'hour', 'day'] as const;
export type Step = (typeof STEPS)[number];

/** The counters, each as a sum over rows of `inserted`. */
const COUNTER_SQL = {
  requests: 'count(*)',
  errors: `count(*) FILTER (WHERE outcome IN ('refused', 'upstream_error', 'error', 'cut'))`,
  input_tokens: 'coalesce(sum(input_tokens), 0)',
  cached_input_tokens: 'coalesce(sum(cached_input_tokens), 0)',
  cache_write_tokens: 'coalesce(sum(cache_write_tokens), 0)',
  output_tokens: 'coalesce(sum(output_tokens), 0)',
  reasoning_tokens: 'coalesce(sum(reasoning_tokens), 0)',
  cost_micro_usd: `coalesce(sum(cost_micro_usd) FILTER (WHERE billing = 'metered'), 0)`,
  // Calls covered by a seat at the vendor are counted separately.
  subscription_requests: `count(*) FILTER (WHERE billing = 'subscription')`,
  subscription_cost_micro_usd: `coalesce(sum(cost_micro_usd) FILTER (WHERE billing = 'subscription'), 0)`,
};

export type Counter = keyof typeof COUNTER_SQL;
export const COUNTERS = Object.keys(COUNTER_SQL) as Counter[];
/** All counters, each as the sum over the selected records. */
export const COUNTER_SUMS = COUNTERS.map((counter) => `${COUNTER_SQL[counter]} AS ${counter}`).join(', ');

/**
 * Slot n counts durations from `LATENCY_BUCKET_RATIO`^n up to `LATENCY_BUCKET_RATIO`^(n+1) milliseconds: accurate to a fifth, in some 70
 * slots.
 */
export const LATENCY_BUCKET_RATIO = 1.2;
const MAX_LATENCY_BUCKET = 120;
const LATENCY_BUCKET_SQL = `least(floor(ln(greatest(duration_ms, 1)) / ln(${LATENCY_BUCKET_RATIO}::double precision)), ${MAX_LATENCY_BUCKET})::smallint`;

const quoteList = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(', ');
const formatCounters = (format: (counter: Counter) => string): string => COUNTERS.map(format).join(', ');
const COUNTER_KEY = 'organization_id, dimension, step, at, value';
// By minute only the total is counted: by minute and user the counters would be as many as calls.
const IN_STEPS = `CROSS JOIN (VALUES ${STEPS.map((step) => `('${step}')`).join(', ')}) AS s (step)
     WHERE step <> 'minute' OR dimension = 'all'`;

/** Columns that `inserted` must return. */
export const COUNTED_COLUMNS = `organization_id, created_at, team_ids, user_id, virtual_key_id, oauth_client_id, proxy_id, session_id, provider,
  served_model, requested_model, outcome, duration_ms, input_tokens, cached_input_tokens, cache_write_tokens,
  output_tokens, reasoning_tokens, cost_micro_usd, billing`;

/** The application of a call, by the id of its row. Text in another format matches none. */
const CLIENT_ID = `CASE WHEN i.oauth_client_id ~ '^[0-9a-f-]{36}$' THEN i.oauth_client_id::uuid END`;

// A call counts for the teams that its limits counted it for. Without those, it counts for each team that its user
// belongs to now; without a user, for the teams that its virtual key or its application belongs to.
const TEAM_ROWS = [
  `SELECT 'team', unnest(i.team_ids)::text`,
  `SELECT 'team', m.team_id::text FROM team_member m WHERE m.user_id = i.user_id AND i.team_ids IS NULL`,
  `SELECT 'team', unnest(k.team_ids)::text FROM virtual_key k
         WHERE k.id = i.virtual_key_id AND i.user_id IS NULL AND i.team_ids IS NULL`,
  `SELECT 'team', unnest(c.team_ids)::text FROM oauth_client c
         WHERE c.id = ${CLIENT_ID} AND i.user_id IS NULL AND i.team_ids IS NULL`,
];
const DIMENSION_ROWS = Object.entries({ ...DIMENSION_SQL, ...RECORDED_DIMENSION_SQL }).map(
  ([dimension, value]): [Dimension, string] => [dimension as Dimension, `('${dimension}', ${value})`],
);

/** Returns `inserted` with each row repeated for every value that it counts for in these dimensions. */
function buildCountedCte(dimensions: readonly Dimension[]): string {
  const singleValues = DIMENSION_ROWS.filter(([dimension]) => dimensions.includes(dimension)).map(([, value]) => value);
  const values = [
    ...(singleValues.length > 0 ? [`VALUES ${singleValues.join(', ')}`] : []),
    ...(dimensions.includes('team') ? TEAM_ROWS : []),
  ];
  return `
  counted AS (
    SELECT i.*, date_trunc('minute', created_at) AS minute, d.dimension, d.value
      FROM inserted i
     CROSS JOIN LATERAL (
       ${values.join('\n       UNION ALL ')}
     ) AS d (dimension, value)
     WHERE d.value IS NOT NULL)`;
}
const COUNTED_CTE = buildCountedCte(DIMENSIONS);
const MINUTE_ROWS = `
    SELECT organization_id, dimension, minute, value, ${formatCounters((counter) => `${COUNTER_SQL[counter]} AS ${counter}`)}
      FROM counted GROUP BY organization_id, dimension, minute, value`;
const LATENCY_BUCKET_ROWS = `
    SELECT organization_id, dimension, minute, value, ${LATENCY_BUCKET_SQL} AS slot, count(*) AS calls
      FROM counted WHERE dimension IN (${quoteList(LATENCY_DIMENSIONS)}) AND outcome = 'success'
     GROUP BY organization_id, dimension, minute, value, slot`;

/** Follows `WITH inserted AS (…)`. */
export const COUNT_INSERTED = `${COUNTED_CTE},
  minutes AS (${MINUTE_ROWS}),
  slots AS (${LATENCY_BUCKET_ROWS}),
  rolled AS (
    INSERT INTO usage_rollup (${COUNTER_KEY}, ${formatCounters((counter) => counter)})
    SELECT organization_id, dimension, step, date_trunc(step, minute, 'UTC') AS at, value, ${formatCounters((counter) => `sum(${counter})`)}
      FROM minutes ${IN_STEPS} GROUP BY ${COUNTER_KEY} ORDER BY ${COUNTER_KEY}
    ON CONFLICT (${COUNTER_KEY}) DO UPDATE
      SET ${formatCounters((counter) => `${counter} = usage_rollup.${counter} + EXCLUDED.${counter}`)})
  INSERT INTO usage_latency (${COUNTER_KEY}, slot, calls)
  SELECT organization_id, dimension, step, date_trunc(step, minute, 'UTC') AS at, value, slot, sum(calls)
    FROM slots ${IN_STEPS} GROUP BY ${COUNTER_KEY}, slot ORDER BY ${COUNTER_KEY}, slot
  ON CONFLICT (${COUNTER_KEY}, slot) DO UPDATE SET calls = usage_latency.calls + EXCLUDED.calls`;

/**
 * Follows `WITH inserted AS (…)` whose `cost_micro_usd` is the amount to add to the cost of records already counted.
 * Team counters are those of the teams that the calls count for now.
 */
export const ADD_COSTS = `${COUNTED_CTE},
  minutes AS (
    SELECT organization_id, dimension, minute, value, ${COUNTER_SQL.cost_micro_usd} AS added,
           ${COUNTER_SQL.subscription_cost_micro_usd} AS covered
      FROM counted GROUP BY organization_id, dimension, minute, value),
  added AS (
    SELECT organization_id, dimension, step, date_trunc(step, minute, 'UTC') AS at, value, sum(added) AS added,
           sum(covered) AS covered
      FROM minutes ${IN_STEPS} GROUP BY ${COUNTER_KEY}),
  turn AS MATERIALIZED (
    SELECT ${COUNTER_KEY}, a.added, a.covered FROM usage_rollup u JOIN added a USING (${COUNTER_KEY}) ORDER BY ${COUNTER_KEY} FOR UPDATE OF u)
  UPDATE usage_rollup u SET cost_micro_usd = u.cost_micro_usd + turn.added,
         subscription_cost_micro_usd = u.subscription_cost_micro_usd + turn.covered FROM turn
   WHERE (u.organization_id, u.dimension, u.step, u.at, u.value)
       = (turn.organization_id, turn.dimension, turn.step, turn.at, turn.value)`;

// Computes the same rows from records: one for each minute, at the beginning of its step. $1 organization, $4 from, $5
// to.
const buildRecordedRows = (rows: string, dimension: Dimension, step: Step): string => `(
  WITH inserted AS (
    SELECT ${COUNTED_COLUMNS} FROM interaction
     WHERE organization_id = $1 AND created_at >= $4 AND created_at < $5), ${buildCountedCte([dimension])}
  SELECT *, '${step}' AS step, date_trunc('${step}', minute, 'UTC') AS at FROM (${rows}) AS counted_by_minute)`;

export interface CounterRows {
  rollup: string;
  latency: string;
  /** Whether they are tables, in which the key finds a row. */
  isTable: boolean;
}

/** Returns the source of counters and latencies: tables, or a query that computes the same rows from records. */
export function getCounterRows(dimension: Dimension, step: Step): CounterRows {
  if (!(dimension in RECORDED_DIMENSION_SQL) && (step !== 'minute' || dimension === 'all'))
    return { rollup: 'usage_rollup', latency: 'usage_latency', isTable: true };
  return {
    rollup: buildRecordedRows(MINUTE_ROWS, dimension, step),
    latency: buildRecordedRows(LATENCY_BUCKET_ROWS, dimension, step),
    isTable: false,
  };
}
