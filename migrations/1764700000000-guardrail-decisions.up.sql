-- oldest program: 0.1.0
-- What guardrails decided on a call: [{"guardrail", "action", "on", "pointer", "offset", "length"}]. Null: there was nothing to decide.
ALTER TABLE interaction ADD COLUMN guardrails jsonb;
