-- oldest program: 0.1.0
-- Who pays for a call: metered, or a seat at the vendor. Earlier records took every own credential beside a passthrough key for a seat.
ALTER TABLE interaction ADD COLUMN billing text NOT NULL DEFAULT 'metered';
UPDATE interaction SET billing = 'subscription' WHERE auth_method = 'provider-key' AND virtual_key_id IS NOT NULL;
ALTER TABLE usage_rollup ADD COLUMN subscription_requests bigint NOT NULL DEFAULT 0;
ALTER TABLE usage_rollup ADD COLUMN subscription_cost_micro_usd double precision NOT NULL DEFAULT 0;
