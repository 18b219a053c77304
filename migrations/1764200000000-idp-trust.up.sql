-- oldest program: 0.1.0
-- Trust in identity providers: whose tokens are believed, for whom, and whom they name.

CREATE TABLE identity_provider (
  id uuid PRIMARY KEY,
  organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  -- Names it in addresses (/auth/idp/<provider_id>/callback), so it is unique in the deployment.
  provider_id text NOT NULL,
  name text NOT NULL,
  kind text NOT NULL DEFAULT 'people',
  preset text NOT NULL DEFAULT 'custom',
  issuer text NOT NULL,
  jwks_url text NOT NULL,
  -- What discovery said at save time of sign-in: authorization, token and end-session endpoints. Null: not discovered.
  endpoints jsonb,
  audiences text[] NOT NULL,
  extra_audiences text[] NOT NULL DEFAULT '{}',
  algorithms text[] NOT NULL,
  token_types text[] NOT NULL,
  authorized_parties text[] NOT NULL DEFAULT '{}',
  accept_id_tokens boolean NOT NULL DEFAULT false,
  max_age_seconds integer NOT NULL DEFAULT 86400,
  leeway_seconds integer NOT NULL DEFAULT 30,
  required_claims jsonb NOT NULL DEFAULT '{}',
  claim_mapping jsonb NOT NULL DEFAULT '{}',
  email_link_policy text NOT NULL DEFAULT 'off',
  verified_domains text[] NOT NULL DEFAULT '{}',
  create_users boolean NOT NULL DEFAULT false,
  group_roles jsonb NOT NULL DEFAULT '[]',
  -- Sign-in through it: the client that Gatehouse is there, and whether passwords are refused for the verified domains.
  client_id text,
  sealed_client_secret text,
  enforce_sign_in boolean NOT NULL DEFAULT false,
  is_disabled boolean NOT NULL DEFAULT false,
  -- Whether an owner wrote the record as it stands. Else no owner is linked by address: an admin could become one so.
  links_owners boolean NOT NULL DEFAULT false,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX identity_provider_provider_id_key ON identity_provider (provider_id);
CREATE UNIQUE INDEX identity_provider_organisation_id_issuer_key ON identity_provider (organisation_id, issuer);

-- The user whom a provider's subject is. A subject is linked once; an e-mail address is never looked at again.
CREATE TABLE identity_link (
  id uuid PRIMARY KEY,
  identity_provider_id uuid NOT NULL REFERENCES identity_provider (id) ON DELETE CASCADE,
  subject text NOT NULL,
  user_id uuid NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
  source text NOT NULL,
  -- When the token was issued whose groups changed the user's teams or role last. An older one changes them no more.
  groups_as_of timestamptz,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX identity_link_identity_provider_id_subject_key ON identity_link (identity_provider_id, subject);
CREATE UNIQUE INDEX identity_link_identity_provider_id_user_id_key ON identity_link (identity_provider_id, user_id);
CREATE INDEX identity_link_user_id_idx ON identity_link (user_id);

-- The last good key set of each provider, so that a restart during its outage works.
CREATE TABLE identity_key_set (
  identity_provider_id uuid PRIMARY KEY REFERENCES identity_provider (id) ON DELETE CASCADE,
  jwks jsonb NOT NULL,
  fetched_at timestamptz NOT NULL
);

-- A group of a provider whose members are members of a team.
CREATE TABLE team_external_group (
  id uuid PRIMARY KEY,
  team_id uuid NOT NULL REFERENCES team (id) ON DELETE CASCADE,
  identity_provider_id uuid NOT NULL REFERENCES identity_provider (id) ON DELETE CASCADE,
  group_name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX team_external_group_key ON team_external_group (team_id, identity_provider_id, group_name);
CREATE INDEX team_external_group_identity_provider_id_idx ON team_external_group (identity_provider_id, group_name);

-- Which workloads of a provider (CI jobs, pods) are which application.
CREATE TABLE workload_binding (
  id uuid PRIMARY KEY,
  identity_provider_id uuid NOT NULL REFERENCES identity_provider (id) ON DELETE CASCADE,
  oauth_client_id uuid NOT NULL REFERENCES oauth_client (id) ON DELETE CASCADE,
  subject_pattern text NOT NULL,
  claims jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX workload_binding_identity_provider_id_idx ON workload_binding (identity_provider_id);
CREATE INDEX workload_binding_oauth_client_id_idx ON workload_binding (oauth_client_id);

ALTER TABLE llm_proxy ADD COLUMN identity_provider_ids uuid[] NOT NULL DEFAULT '{}';

-- Null: somebody of the organisation made this membership. Else the provider whose group did, and takes it back.
ALTER TABLE team_member ADD COLUMN identity_provider_id uuid REFERENCES identity_provider (id) ON DELETE CASCADE;
CREATE INDEX team_member_identity_provider_id_idx ON team_member (identity_provider_id);

-- What the organisation's directory calls a user or team (SCIM 2.0, RFC 7643 §3.1), and since when it manages them.
ALTER TABLE app_user ADD COLUMN external_id text;
CREATE UNIQUE INDEX app_user_external_id_key ON app_user (organisation_id, external_id);
ALTER TABLE team ADD COLUMN external_id text;
CREATE UNIQUE INDEX team_external_id_key ON team (organisation_id, external_id);
