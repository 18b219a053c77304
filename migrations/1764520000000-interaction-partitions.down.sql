SET LOCAL statement_timeout = 0;

CREATE TABLE interaction_whole (LIKE interaction INCLUDING DEFAULTS);
ALTER TABLE interaction_whole ALTER COLUMN created_at TYPE timestamptz;
INSERT INTO interaction_whole SELECT * FROM interaction;
DROP TABLE interaction;
DROP FUNCTION add_interaction_partition(date);
ALTER TABLE interaction_whole RENAME TO interaction;

ALTER TABLE interaction ADD CONSTRAINT interaction_pkey PRIMARY KEY (id);
CREATE INDEX interaction_organisation_id_idx ON interaction (organisation_id, id DESC);
CREATE INDEX interaction_virtual_key_id_idx ON interaction (organisation_id, virtual_key_id, id DESC) WHERE virtual_key_id IS NOT NULL;
CREATE INDEX interaction_user_id_idx ON interaction (organisation_id, user_id, id DESC) WHERE user_id IS NOT NULL;
CREATE INDEX interaction_proxy_id_idx ON interaction (organisation_id, proxy_id, id DESC) WHERE proxy_id IS NOT NULL;
CREATE INDEX interaction_session_id_idx ON interaction (organisation_id, session_id, id DESC) WHERE session_id IS NOT NULL;
CREATE INDEX interaction_agent_id_idx ON interaction (organisation_id, agent_id, id DESC) WHERE agent_id IS NOT NULL;
