-- oldest program: 0.1.0
-- What the Model Router tried for a call, in order: [{"model", "providerKeyId", "status", "errorCode"}]. Null elsewhere.
ALTER TABLE interaction ADD COLUMN attempts jsonb;
