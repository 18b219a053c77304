-- oldest program: 0.1.0
-- Prices that an organisation sets hold from an instant on; the ones before stay, as records name them.

ALTER TABLE model_price_override ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid();
ALTER TABLE model_price_override ALTER COLUMN id DROP DEFAULT;
ALTER TABLE model_price_override ADD COLUMN effective_from timestamptz(3);
UPDATE model_price_override SET effective_from = updated_at;
ALTER TABLE model_price_override ALTER COLUMN effective_from SET NOT NULL;
-- From then on the price list holds again; the rates of such a row mean nothing.
ALTER TABLE model_price_override ADD COLUMN is_lifted boolean NOT NULL DEFAULT false;
ALTER TABLE model_price_override DROP CONSTRAINT model_price_override_pkey;
ALTER TABLE model_price_override ADD CONSTRAINT model_price_override_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX model_price_override_effective_from_key
  ON model_price_override (organisation_id, provider, model, effective_from);

-- own:<id> or list:<digest of the rates>: by what the cost was reckoned.
ALTER TABLE interaction ADD COLUMN price_version text;
-- Those of cache_write_tokens that are kept for an hour, which costs more.
ALTER TABLE interaction ADD COLUMN long_cache_write_tokens bigint;
