ALTER TABLE interaction DROP COLUMN guardrails;
