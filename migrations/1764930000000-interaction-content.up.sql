-- oldest program: 0.1.0
-- What calls said, where an LLM proxy keeps it: sealed, and given up when its time is over.

ALTER TABLE organisation ADD COLUMN content_retention_days integer NOT NULL DEFAULT 30;
-- NULL: as the organisation says.
ALTER TABLE llm_proxy ADD COLUMN content_retention_days integer;

CREATE TABLE interaction_content (
  -- Of the call. No foreign key: records lie in tables by day, and are written by themselves.
  interaction_id uuid PRIMARY KEY,
  organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  capture_content text NOT NULL,
  sealed_content text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX interaction_content_organisation_id_idx ON interaction_content (organisation_id);
CREATE INDEX interaction_content_expires_at_idx ON interaction_content (expires_at);
