-- oldest program: 0.1.0
-- Names of an organisation's own for models, with what is tried when the first choice cannot be had.

CREATE TABLE model_alias (
  id uuid PRIMARY KEY,
  organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  name text NOT NULL,
  description text,
  -- [{provider, model, weight, priority, providerApiKeyId}], by priority. Keys have no foreign key: one that is gone is passed over.
  targets jsonb NOT NULL,
  cross_key_owners boolean NOT NULL DEFAULT false,
  max_attempts integer NOT NULL DEFAULT 3,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX model_alias_organisation_id_name_key ON model_alias (organisation_id, name);
