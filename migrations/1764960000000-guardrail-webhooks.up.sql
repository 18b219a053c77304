-- oldest program: 0.1.0
-- What the questions of an LLM proxy's webhook guardrail are signed with. NULL: it has none.
ALTER TABLE llm_proxy ADD COLUMN sealed_guardrail_secret text;
