-- oldest program: 0.1.0
-- The link that a person used last, so that the page of a used link says so.
ALTER TABLE app_user ADD COLUMN used_invitation_digest bytea;
CREATE INDEX app_user_used_invitation_digest_idx ON app_user (used_invitation_digest)
 WHERE used_invitation_digest IS NOT NULL;
