ALTER TABLE usage_rollup DROP COLUMN subscription_cost_micro_usd;
ALTER TABLE usage_rollup DROP COLUMN subscription_requests;
ALTER TABLE interaction DROP COLUMN billing;
