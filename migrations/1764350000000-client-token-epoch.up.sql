-- oldest program: 0.1.0
-- Grows when what a client was issued is taken back, so that what was being issued at that moment is not written any more.
ALTER TABLE oauth_client ADD COLUMN token_epoch integer NOT NULL DEFAULT 0;
