-- oldest program: 0.1.0
-- Limits on each of a kind: without an entity, for those made after the limit unless it says otherwise.
ALTER TABLE usage_limit ALTER COLUMN entity_id DROP NOT NULL;
ALTER TABLE usage_limit ADD COLUMN include_existing boolean NOT NULL DEFAULT false;
ALTER TABLE usage_limit ADD CONSTRAINT usage_limit_each_check
  CHECK (entity_id IS NULL AND entity_type <> 'organization' OR entity_id IS NOT NULL AND NOT include_existing);
