ALTER TABLE oauth_client DROP COLUMN payer_team_id;
ALTER TABLE virtual_key DROP COLUMN payer_team_id;
