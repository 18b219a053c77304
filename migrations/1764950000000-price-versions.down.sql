ALTER TABLE interaction DROP COLUMN long_cache_write_tokens;
ALTER TABLE interaction DROP COLUMN price_version;
DROP INDEX model_price_override_effective_from_key;
-- One price is left of each model: the one in force.
DELETE FROM model_price_override o
 WHERE is_lifted OR effective_from > now() OR EXISTS (
   SELECT 1 FROM model_price_override l
    WHERE l.organisation_id = o.organisation_id AND l.provider = o.provider AND l.model = o.model
      AND l.effective_from > o.effective_from AND l.effective_from <= now());
ALTER TABLE model_price_override DROP CONSTRAINT model_price_override_pkey;
ALTER TABLE model_price_override ADD CONSTRAINT model_price_override_pkey PRIMARY KEY (organisation_id, provider, model);
ALTER TABLE model_price_override DROP COLUMN is_lifted;
ALTER TABLE model_price_override DROP COLUMN effective_from;
ALTER TABLE model_price_override DROP COLUMN id;
