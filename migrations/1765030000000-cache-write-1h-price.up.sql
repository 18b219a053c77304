-- oldest program: 0.1.0
-- What an entry of the provider's cache costs that is kept for an hour. Null: as cache_write.
ALTER TABLE model_price_override ADD COLUMN cache_write_1h double precision;
