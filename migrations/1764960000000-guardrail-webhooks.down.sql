ALTER TABLE llm_proxy DROP COLUMN sealed_guardrail_secret;
