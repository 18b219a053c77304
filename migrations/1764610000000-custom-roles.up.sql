-- oldest program: 0.1.0
-- Roles of an organisation's own: names for sets of permissions. A user has one in place of a built-in role, which is
-- `member` then, or none.
CREATE TABLE custom_role (
  id uuid PRIMARY KEY,
  organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  name text NOT NULL,
  description text,
  -- Names of src/auth/callers/permissions.ts. One that no longer exists gives nothing.
  permissions text[] NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX custom_role_organisation_id_name_key ON custom_role (organisation_id, name);

ALTER TABLE app_user
  ADD COLUMN custom_role_id uuid REFERENCES custom_role (id),
  ADD CONSTRAINT app_user_custom_role_check CHECK (custom_role_id IS NULL OR role = 'member');
CREATE INDEX app_user_custom_role_id_idx ON app_user (custom_role_id);
