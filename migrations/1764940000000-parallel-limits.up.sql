-- oldest program: 0.1.0
-- Limits on calls at once have no window.
ALTER TABLE usage_limit ALTER COLUMN "window" DROP NOT NULL;
ALTER TABLE usage_limit ADD CONSTRAINT usage_limit_window_check
  CHECK (("window" IS NULL) = (limit_type = 'parallel_requests'));
