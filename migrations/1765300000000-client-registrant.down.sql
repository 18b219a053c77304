ALTER TABLE oauth_client DROP COLUMN registered_at, DROP COLUMN registered_by;
