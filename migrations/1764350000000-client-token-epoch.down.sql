ALTER TABLE oauth_client DROP COLUMN token_epoch;
