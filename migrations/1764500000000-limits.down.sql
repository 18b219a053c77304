ALTER TABLE interaction DROP COLUMN team_ids;
DROP TABLE usage_limit;
