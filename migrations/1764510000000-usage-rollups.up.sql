-- oldest program: 0.1.0
-- What calls came to, counted as their records are written: by hour and day (UTC), and for the whole organisation (dimension
-- 'all', value '') by the minute; by who and what took part. Statistics read these rows instead of the records.
CREATE TABLE usage_rollup (
  organisation_id uuid NOT NULL,
  dimension text NOT NULL,
  step text NOT NULL,
  at timestamptz NOT NULL,
  value text NOT NULL,
  requests bigint NOT NULL,
  errors bigint NOT NULL,
  input_tokens bigint NOT NULL,
  cached_input_tokens bigint NOT NULL,
  cache_write_tokens bigint NOT NULL,
  output_tokens bigint NOT NULL,
  reasoning_tokens bigint NOT NULL,
  cost_micro_usd double precision NOT NULL,
  PRIMARY KEY (organisation_id, dimension, step, at, value)
-- The counters of the present change all the time: room for that beside them keeps the index as it is.
) WITH (fillfactor = 70);

-- How long successful calls took: slot n holds those of 1.2^n up to 1.2^(n+1) milliseconds.
CREATE TABLE usage_latency (
  organisation_id uuid NOT NULL,
  dimension text NOT NULL,
  step text NOT NULL,
  at timestamptz NOT NULL,
  value text NOT NULL,
  slot smallint NOT NULL,
  calls bigint NOT NULL,
  PRIMARY KEY (organisation_id, dimension, step, at, value, slot)
) WITH (fillfactor = 70);

-- What was recorded before. Teams are counted as they are made up now.
CREATE TEMPORARY TABLE rollup_source ON COMMIT DROP AS
  SELECT i.organisation_id, date_trunc('minute', i.created_at) AS minute, d.dimension, d.value, i.outcome, i.duration_ms,
         i.input_tokens, i.cached_input_tokens, i.cache_write_tokens, i.output_tokens, i.reasoning_tokens, i.cost_micro_usd
    FROM interaction i
   CROSS JOIN LATERAL (
     VALUES ('all', ''), ('user', i.user_id::text), ('key', i.virtual_key_id::text),
            ('client', left(i.oauth_client_id, 256)), ('proxy', i.proxy_id::text),
            ('model', left(i.provider || ':' || coalesce(i.served_model, i.requested_model), 256))
     UNION ALL SELECT 'team', m.team_id::text FROM team_member m WHERE m.user_id = i.user_id
   ) AS d (dimension, value)
   WHERE d.value IS NOT NULL;

INSERT INTO usage_rollup
SELECT organisation_id, dimension, step, date_trunc(step, minute, 'UTC'), value, count(*),
       count(*) FILTER (WHERE outcome IN ('refused', 'upstream_error', 'error', 'cut')),
       coalesce(sum(input_tokens), 0), coalesce(sum(cached_input_tokens), 0), coalesce(sum(cache_write_tokens), 0),
       coalesce(sum(output_tokens), 0), coalesce(sum(reasoning_tokens), 0), coalesce(sum(cost_micro_usd), 0)
  FROM rollup_source CROSS JOIN (VALUES ('minute'), ('hour'), ('day')) AS s (step)
 WHERE step <> 'minute' OR dimension = 'all'
 GROUP BY 1, 2, 3, 4, 5;

INSERT INTO usage_latency
SELECT organisation_id, dimension, step, date_trunc(step, minute, 'UTC'), value,
       least(floor(ln(greatest(duration_ms, 1)) / ln(1.2::double precision)), 120)::smallint, count(*)
  FROM rollup_source CROSS JOIN (VALUES ('minute'), ('hour'), ('day')) AS s (step)
 WHERE dimension IN ('all', 'model') AND outcome = 'success' AND (step <> 'minute' OR dimension = 'all')
 GROUP BY 1, 2, 3, 4, 5, 6;

DROP TABLE rollup_source;
