-- oldest program: 0.1.0
-- Records lie in one table for each day (UTC) of their created_at: old ones are given up by dropping a table, and a page of
-- the newest reads the newest table alone. What has no table of its day waits in interaction_default.
-- Copying the records may take longer than any request is given.
SET LOCAL statement_timeout = 0;

ALTER TABLE interaction RENAME TO interaction_before;

-- Milliseconds, as records are written: pages go on from an instant that a reader has been shown.
CREATE TABLE interaction_columns (LIKE interaction_before INCLUDING DEFAULTS);
ALTER TABLE interaction_columns ALTER COLUMN created_at TYPE timestamptz(3);
CREATE TABLE interaction (LIKE interaction_columns INCLUDING DEFAULTS) PARTITION BY RANGE (created_at);
DROP TABLE interaction_columns;
CREATE TABLE interaction_default PARTITION OF interaction DEFAULT;

-- Makes the table of a day, with what already waits for it. False: it is there. The locks that it takes hold up readers and
-- writers of records, so whoever calls it sets a lock_timeout.
CREATE FUNCTION add_interaction_partition(day date) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  partition_name text := 'interaction_' || to_char(day, 'YYYYMMDD');
  first_instant timestamptz := day::timestamp AT TIME ZONE 'UTC';
  next_instant timestamptz := (day + 1)::timestamp AT TIME ZONE 'UTC';
BEGIN
  IF to_regclass(partition_name) IS NOT NULL THEN
    RETURN false;
  END IF;
  EXECUTE format('CREATE TABLE %I (LIKE interaction INCLUDING DEFAULTS)', partition_name);
  LOCK TABLE interaction_default IN ACCESS EXCLUSIVE MODE;
  EXECUTE format(
    'WITH moved AS (DELETE FROM interaction_default WHERE created_at >= %2$L AND created_at < %3$L RETURNING *)
     INSERT INTO %1$I SELECT * FROM moved', partition_name, first_instant, next_instant);
  EXECUTE format('ALTER TABLE interaction ATTACH PARTITION %1$I FOR VALUES FROM (%2$L) TO (%3$L)',
    partition_name, first_instant, next_instant);
  RETURN true;
END $$;

-- Those of yesterday to the day after tomorrow, and of every day that there are records of.
SELECT count(add_interaction_partition(day)) FROM (
  SELECT (now() AT TIME ZONE 'UTC')::date + offset_days AS day FROM generate_series(-1, 2) AS s (offset_days)
  UNION SELECT (created_at AT TIME ZONE 'UTC')::date FROM interaction_before
) AS days;
INSERT INTO interaction SELECT * FROM interaction_before;
DROP TABLE interaction_before;

ALTER TABLE interaction ADD CONSTRAINT interaction_pkey PRIMARY KEY (id, created_at);
CREATE INDEX interaction_organisation_id_idx ON interaction (organisation_id, created_at, id);
CREATE INDEX interaction_status_idx ON interaction (organisation_id, status, created_at, id);
CREATE INDEX interaction_auth_method_idx ON interaction (organisation_id, auth_method, created_at, id);
CREATE INDEX interaction_virtual_key_id_idx ON interaction (organisation_id, virtual_key_id, created_at, id) WHERE virtual_key_id IS NOT NULL;
CREATE INDEX interaction_oauth_client_id_idx ON interaction (organisation_id, oauth_client_id, created_at, id) WHERE oauth_client_id IS NOT NULL;
CREATE INDEX interaction_user_id_idx ON interaction (organisation_id, user_id, created_at, id) WHERE user_id IS NOT NULL;
CREATE INDEX interaction_proxy_id_idx ON interaction (organisation_id, proxy_id, created_at, id) WHERE proxy_id IS NOT NULL;
CREATE INDEX interaction_session_id_idx ON interaction (organisation_id, session_id, created_at, id) WHERE session_id IS NOT NULL;
CREATE INDEX interaction_agent_id_idx ON interaction (organisation_id, agent_id, created_at, id) WHERE agent_id IS NOT NULL;
