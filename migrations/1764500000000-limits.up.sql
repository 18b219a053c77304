-- oldest program: 0.1.0
-- What an entity of an organisation may use in a window. ("limit" and "window" are words of SQL: hence the names.)

CREATE TABLE usage_limit (
  id uuid PRIMARY KEY,
  organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  entity_type text NOT NULL,
  -- Of the table that entity_type names; no foreign key. A limit on what is gone binds nobody.
  entity_id uuid NOT NULL,
  limit_type text NOT NULL,
  -- US dollars for token_cost, else a whole number of tokens or requests.
  limit_value double precision NOT NULL,
  model text[] NOT NULL DEFAULT '{}',
  "window" text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX usage_limit_organisation_id_idx ON usage_limit (organisation_id, entity_type, entity_id);

-- The teams that a call was counted for: limits on teams are counted from here when their counters were lost.
ALTER TABLE interaction ADD COLUMN team_ids uuid[];
