DELETE FROM usage_limit WHERE entity_id IS NULL;
ALTER TABLE usage_limit DROP CONSTRAINT usage_limit_each_check;
ALTER TABLE usage_limit DROP COLUMN include_existing;
ALTER TABLE usage_limit ALTER COLUMN entity_id SET NOT NULL;
