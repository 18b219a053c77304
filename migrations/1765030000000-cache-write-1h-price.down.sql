ALTER TABLE model_price_override DROP COLUMN cache_write_1h;
