ALTER TABLE usage_limit DROP CONSTRAINT usage_limit_window_check;
DELETE FROM usage_limit WHERE "window" IS NULL;
ALTER TABLE usage_limit ALTER COLUMN "window" SET NOT NULL;
