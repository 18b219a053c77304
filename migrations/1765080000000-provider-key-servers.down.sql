ALTER TABLE provider_key DROP COLUMN servers;
