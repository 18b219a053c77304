-- oldest program: 0.1.0
-- Several servers of one self-hosted provider behind one key: [{"baseUrl", "models"}], in the order in which they are matched.
ALTER TABLE provider_key ADD COLUMN servers jsonb;
