ALTER TABLE app_user DROP COLUMN used_invitation_digest;
