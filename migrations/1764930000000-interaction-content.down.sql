DROP TABLE interaction_content;
ALTER TABLE llm_proxy DROP COLUMN content_retention_days;
ALTER TABLE organisation DROP COLUMN content_retention_days;
