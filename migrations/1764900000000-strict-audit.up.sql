-- oldest program: 0.1.0
-- Whether the end of an answer waits until its record would outlive a crash.
ALTER TABLE llm_proxy ADD COLUMN strict_audit boolean NOT NULL DEFAULT false;
