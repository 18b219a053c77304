DROP TABLE usage_latency;
DROP TABLE usage_rollup;
