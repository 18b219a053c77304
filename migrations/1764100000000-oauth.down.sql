DELETE FROM key_binding WHERE holder_type = 'oauth-client';
DROP TABLE oauth_signing_key;
DROP TABLE oauth_consent;
DROP TABLE oauth_artifact;
DROP TABLE oauth_grant;
DROP TABLE oauth_client_secret;
DROP TABLE oauth_client;
