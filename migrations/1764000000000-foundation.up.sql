-- oldest program: 0.1.0
-- Organisations, people, LLM proxies, keys, records, and the auth-event bus.

CREATE TABLE organisation (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  slug text NOT NULL,
  is_default boolean NOT NULL DEFAULT false,
  client_token_lifetime_seconds integer NOT NULL DEFAULT 3600,
  user_token_lifetime_seconds integer NOT NULL DEFAULT 3600,
  key_resolution_order text[] NOT NULL DEFAULT '{personal,team,org}',
  capture_content text NOT NULL DEFAULT 'off',
  allow_self_registered_apps boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX organisation_slug_key ON organisation (slug);
CREATE UNIQUE INDEX organisation_default_key ON organisation (is_default) WHERE is_default;

CREATE TABLE app_user (
  id uuid PRIMARY KEY,
  organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  email text NOT NULL,
  name text NOT NULL,
  role text NOT NULL,
  password_hash text,
  is_disabled boolean NOT NULL DEFAULT false,
  email_verified_at timestamptz,
  invitation_digest bytea,
  invitation_expires_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX app_user_email_key ON app_user (email);
CREATE INDEX app_user_organisation_id_idx ON app_user (organisation_id, id);
CREATE UNIQUE INDEX app_user_invitation_digest_key ON app_user (invitation_digest);

CREATE TABLE team (
  id uuid PRIMARY KEY,
  organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX team_organisation_id_name_key ON team (organisation_id, name);

CREATE TABLE team_member (
  team_id uuid NOT NULL REFERENCES team (id) ON DELETE CASCADE,
  user_id uuid NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
  role text NOT NULL DEFAULT 'member',
  joined_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (team_id, user_id)
);
CREATE INDEX team_member_user_id_idx ON team_member (user_id);

CREATE TABLE llm_proxy (
  id uuid PRIMARY KEY,
  organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  name text NOT NULL,
  is_default boolean NOT NULL DEFAULT false,
  team_ids uuid[] NOT NULL DEFAULT '{}',
  allow_direct_keys boolean NOT NULL DEFAULT true,
  allow_jwt_on_router boolean NOT NULL DEFAULT false,
  policy jsonb NOT NULL DEFAULT '{}',
  capture_content text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX llm_proxy_organisation_id_name_key ON llm_proxy (organisation_id, name);
CREATE UNIQUE INDEX llm_proxy_default_key ON llm_proxy (organisation_id) WHERE is_default;

CREATE TABLE provider_key (
  id uuid PRIMARY KEY,
  organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  name text NOT NULL,
  provider text NOT NULL,
  scope text NOT NULL,
  owner_id uuid REFERENCES app_user (id) ON DELETE CASCADE,
  team_id uuid REFERENCES team (id) ON DELETE CASCADE,
  is_primary boolean NOT NULL DEFAULT false,
  sealed_secret text,
  secret_ref text,
  last4 text NOT NULL DEFAULT '',
  base_url text,
  extra_headers jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz
);
CREATE INDEX provider_key_organisation_id_idx ON provider_key (organisation_id, provider);
CREATE INDEX provider_key_owner_id_idx ON provider_key (owner_id, provider);
CREATE INDEX provider_key_team_id_idx ON provider_key (team_id, provider);

CREATE TABLE virtual_key (
  id uuid PRIMARY KEY,
  organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  name text NOT NULL,
  key_type text NOT NULL,
  scope text NOT NULL,
  owner_id uuid REFERENCES app_user (id) ON DELETE CASCADE,
  team_ids uuid[] NOT NULL DEFAULT '{}',
  allowed_models text[] NOT NULL DEFAULT '{}',
  allowed_proxy_ids uuid[] NOT NULL DEFAULT '{}',
  token_start text NOT NULL,
  expires_at timestamptz,
  revoked_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz
);
CREATE INDEX virtual_key_organisation_id_idx ON virtual_key (organisation_id, id);
CREATE INDEX virtual_key_owner_id_idx ON virtual_key (owner_id);

-- The live secrets of a virtual key: one, or two while a rotation overlaps. Digests only.
CREATE TABLE virtual_key_secret (
  digest bytea PRIMARY KEY,
  virtual_key_id uuid NOT NULL REFERENCES virtual_key (id) ON DELETE CASCADE,
  not_after timestamptz,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX virtual_key_secret_virtual_key_id_idx ON virtual_key_secret (virtual_key_id);

-- Which stored key a holder (a virtual key, an OAuth client) uses for a provider. A binding outlives its provider key
-- on purpose: the holder then gets a clear 503, never silently somebody else's key.
CREATE TABLE key_binding (
  holder_type text NOT NULL,
  holder_id uuid NOT NULL,
  provider text NOT NULL,
  provider_key_id uuid NOT NULL,
  PRIMARY KEY (holder_type, holder_id, provider)
);
CREATE INDEX key_binding_provider_key_id_idx ON key_binding (provider_key_id);

CREATE TABLE admin_api_key (
  id uuid PRIMARY KEY,
  organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  user_id uuid NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
  name text NOT NULL,
  digest bytea NOT NULL,
  token_start text NOT NULL,
  scopes text[] NOT NULL,
  expires_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz
);
CREATE UNIQUE INDEX admin_api_key_digest_key ON admin_api_key (digest);
CREATE INDEX admin_api_key_organisation_id_idx ON admin_api_key (organisation_id, id);

CREATE TABLE audit_entry (
  id uuid PRIMARY KEY,
  organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  created_at timestamptz NOT NULL,
  actor_type text NOT NULL,
  actor_id text,
  credential_id text,
  action text NOT NULL,
  target_type text NOT NULL,
  target_id text,
  before jsonb,
  after jsonb,
  request_id text,
  client_address text
);
CREATE INDEX audit_entry_organisation_id_idx ON audit_entry (organisation_id, id DESC);
CREATE INDEX audit_entry_target_id_idx ON audit_entry (organisation_id, target_id, id DESC);

-- One row per call. The id is a UUID v7 made when the call began, so it orders the rows by time.
CREATE TABLE interaction (
  id uuid PRIMARY KEY,
  organisation_id uuid NOT NULL,
  created_at timestamptz NOT NULL,
  request_id text NOT NULL,
  surface text NOT NULL,
  auth_method text,
  credential_id text,
  virtual_key_id uuid,
  oauth_client_id text,
  user_id uuid,
  key_fingerprint text,
  provider_key_id uuid,
  proxy_id uuid,
  provider text,
  operation text,
  method text NOT NULL,
  path text NOT NULL,
  requested_model text,
  served_model text,
  input_tokens bigint,
  cached_input_tokens bigint,
  cache_write_tokens bigint,
  output_tokens bigint,
  reasoning_tokens bigint,
  estimated boolean NOT NULL DEFAULT false,
  cost_micro_usd double precision,
  duration_ms double precision NOT NULL,
  first_byte_ms double precision,
  streaming boolean NOT NULL DEFAULT false,
  status smallint NOT NULL,
  outcome text NOT NULL,
  error_code text,
  error_reason text,
  agent_id text,
  claimed_user_id text,
  session_id text,
  run_id text,
  client_address text
);
CREATE INDEX interaction_organisation_id_idx ON interaction (organisation_id, id DESC);
CREATE INDEX interaction_virtual_key_id_idx ON interaction (organisation_id, virtual_key_id, id DESC) WHERE virtual_key_id IS NOT NULL;
CREATE INDEX interaction_user_id_idx ON interaction (organisation_id, user_id, id DESC) WHERE user_id IS NOT NULL;
CREATE INDEX interaction_proxy_id_idx ON interaction (organisation_id, proxy_id, id DESC) WHERE proxy_id IS NOT NULL;
CREATE INDEX interaction_session_id_idx ON interaction (organisation_id, session_id, id DESC) WHERE session_id IS NOT NULL;
CREATE INDEX interaction_agent_id_idx ON interaction (organisation_id, agent_id, id DESC) WHERE agent_id IS NOT NULL;

-- Prices per million tokens, in US dollars, that an organisation sets over the price list's.
CREATE TABLE model_price_override (
  organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  provider text NOT NULL,
  model text NOT NULL,
  input double precision NOT NULL,
  output double precision NOT NULL,
  cache_read double precision,
  cache_write double precision,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organisation_id, provider, model)
);

-- The auth-event bus. transaction_id lets a reader tell which lower numbers may still be on their way.
CREATE TABLE auth_event (
  seq bigserial PRIMARY KEY,
  tag text NOT NULL,
  effect text NOT NULL,
  transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX auth_event_transaction_id_idx ON auth_event (transaction_id);
CREATE INDEX auth_event_created_at_idx ON auth_event (created_at);
