-- oldest program: 0.1.0
-- Sign-ins of browsers that came through an identity provider, so that it can end them (OpenID Connect Back-Channel Logout 1.0).

CREATE TABLE idp_session (
  -- The session at this server, by the name that it keeps when its id changes.
  session_uid_digest bytea PRIMARY KEY,
  identity_provider_id uuid NOT NULL REFERENCES identity_provider (id) ON DELETE CASCADE,
  user_id uuid NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
  -- What the provider calls the person (sub) and the session there (sid; null: it did not say).
  subject text NOT NULL,
  provider_session text,
  -- When the session ends unless it is used; after that the row goes with it.
  expires_at timestamptz NOT NULL
);
CREATE INDEX idp_session_subject_idx ON idp_session (identity_provider_id, subject);
CREATE INDEX idp_session_provider_session_idx ON idp_session (identity_provider_id, provider_session);
CREATE INDEX idp_session_user_id_idx ON idp_session (user_id);
CREATE INDEX idp_session_expires_at_idx ON idp_session (expires_at);
