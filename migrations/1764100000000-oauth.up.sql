-- oldest program: 0.1.0
-- OAuth clients, and what the authorization server keeps: grants, tokens, sessions, consents, signing keys.

CREATE TABLE oauth_client (
  id uuid PRIMARY KEY,
  client_id text NOT NULL,
  -- Null: the client registered itself and belongs to no organisation.
  organisation_id uuid REFERENCES organisation (id) ON DELETE CASCADE,
  source text NOT NULL,
  name text NOT NULL,
  grant_type text NOT NULL,
  scope text NOT NULL DEFAULT 'personal',
  owner_id uuid REFERENCES app_user (id) ON DELETE CASCADE,
  team_ids uuid[] NOT NULL DEFAULT '{}',
  application_type text NOT NULL DEFAULT 'web',
  token_endpoint_auth_method text NOT NULL,
  redirect_uris text[] NOT NULL DEFAULT '{}',
  post_logout_redirect_uris text[] NOT NULL DEFAULT '{}',
  jwks jsonb,
  jwks_uri text,
  allowed_proxy_ids uuid[] NOT NULL DEFAULT '{}',
  may_introspect boolean NOT NULL DEFAULT false,
  token_lifetime_seconds integer,
  -- What a client that registered itself said of itself, as RFC 7591 names it.
  registration jsonb,
  -- Counts the changes that people who consented must hear of.
  version integer NOT NULL DEFAULT 1,
  is_disabled boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz
);
CREATE UNIQUE INDEX oauth_client_client_id_key ON oauth_client (client_id);
CREATE INDEX oauth_client_organisation_id_idx ON oauth_client (organisation_id, id);
CREATE INDEX oauth_client_owner_id_idx ON oauth_client (owner_id);
-- Registrations that nobody has used are swept by age.
CREATE INDEX oauth_client_unused_idx ON oauth_client (created_at) WHERE organisation_id IS NULL AND last_used_at IS NULL;

-- The live secrets of a client: one, or two while a rotation overlaps. Digests only.
CREATE TABLE oauth_client_secret (
  id uuid PRIMARY KEY,
  oauth_client_id uuid NOT NULL REFERENCES oauth_client (id) ON DELETE CASCADE,
  digest bytea NOT NULL,
  last4 text NOT NULL,
  not_after timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz
);
CREATE UNIQUE INDEX oauth_client_secret_digest_key ON oauth_client_secret (digest);
CREATE INDEX oauth_client_secret_oauth_client_id_idx ON oauth_client_secret (oauth_client_id);

-- One authorization of a client by a user. Whatever was issued on it goes with it.
CREATE TABLE oauth_grant (
  id text PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
  client_id text NOT NULL,
  payload jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL
);
CREATE INDEX oauth_grant_user_id_idx ON oauth_grant (user_id, client_id);
CREATE INDEX oauth_grant_client_id_idx ON oauth_grant (client_id);
CREATE INDEX oauth_grant_expires_at_idx ON oauth_grant (expires_at);

-- Tokens, codes, sessions and other short-lived things, found by the digest of what their holder shows. What could be
-- used by whoever reads it is not in the payload, or the payload is sealed.
CREATE TABLE oauth_artifact (
  model text NOT NULL,
  id_digest bytea NOT NULL,
  -- Names the row in records, the audit log and pages: the digest's owner is nobody's business.
  id uuid NOT NULL,
  payload jsonb,
  sealed_payload text,
  grant_id text REFERENCES oauth_grant (id) ON DELETE CASCADE,
  client_id text,
  user_id uuid REFERENCES app_user (id) ON DELETE CASCADE,
  client_secret_id uuid,
  uid_digest bytea,
  user_code_digest bytea,
  user_agent text,
  client_address text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  consumed_at timestamptz,
  PRIMARY KEY (model, id_digest)
);
CREATE UNIQUE INDEX oauth_artifact_id_key ON oauth_artifact (id);
CREATE INDEX oauth_artifact_grant_id_idx ON oauth_artifact (grant_id) WHERE grant_id IS NOT NULL;
CREATE INDEX oauth_artifact_client_id_idx ON oauth_artifact (client_id) WHERE client_id IS NOT NULL;
CREATE INDEX oauth_artifact_user_id_idx ON oauth_artifact (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX oauth_artifact_uid_digest_idx ON oauth_artifact (uid_digest) WHERE uid_digest IS NOT NULL;
CREATE INDEX oauth_artifact_user_code_digest_idx ON oauth_artifact (user_code_digest) WHERE user_code_digest IS NOT NULL;
CREATE INDEX oauth_artifact_expires_at_idx ON oauth_artifact (expires_at);

-- What a user has allowed a client, so that it is not asked again until the client changes.
CREATE TABLE oauth_consent (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
  client_id text NOT NULL,
  resource text NOT NULL,
  scopes text[] NOT NULL,
  client_version integer NOT NULL,
  granted_at timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX oauth_consent_user_id_client_id_resource_key ON oauth_consent (user_id, client_id, resource);
CREATE INDEX oauth_consent_client_id_idx ON oauth_consent (client_id);

-- The keys that ID tokens are signed with. All that have not ended are published.
CREATE TABLE oauth_signing_key (
  kid text PRIMARY KEY,
  alg text NOT NULL,
  public_jwk jsonb NOT NULL,
  sealed_private_jwk text NOT NULL,
  active_from timestamptz NOT NULL,
  not_after timestamptz,
  created_at timestamptz NOT NULL DEFAULT now()
);
