-- oldest program: 0.1.0
CREATE INDEX interaction_client_name_idx ON interaction (organisation_id, client_name, created_at, id) WHERE client_name IS NOT NULL;
