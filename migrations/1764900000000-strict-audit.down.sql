ALTER TABLE llm_proxy DROP COLUMN strict_audit;
