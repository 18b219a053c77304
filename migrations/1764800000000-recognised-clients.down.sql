ALTER TABLE interaction
  DROP COLUMN client_name,
  DROP COLUMN client_version;
