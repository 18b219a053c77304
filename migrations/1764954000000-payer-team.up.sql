-- oldest program: 0.1.0
-- The team that calls with a key or through an application are counted for, in place of those of its users.
ALTER TABLE virtual_key ADD COLUMN payer_team_id uuid REFERENCES team (id) ON DELETE SET NULL;
ALTER TABLE oauth_client ADD COLUMN payer_team_id uuid REFERENCES team (id) ON DELETE SET NULL;
CREATE INDEX virtual_key_payer_team_id_idx ON virtual_key (payer_team_id) WHERE payer_team_id IS NOT NULL;
CREATE INDEX oauth_client_payer_team_id_idx ON oauth_client (payer_team_id) WHERE payer_team_id IS NOT NULL;
