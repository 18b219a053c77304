ALTER TABLE interaction DROP COLUMN attempts;
