-- oldest program: 0.1.0
-- Addresses of an organisation's own that are told of what happens, and what they are to be told.

CREATE TABLE webhook (
  id uuid PRIMARY KEY,
  organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  url text NOT NULL,
  description text,
  events text[] NOT NULL,
  is_disabled boolean NOT NULL DEFAULT false,
  sealed_secret text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX webhook_organisation_id_idx ON webhook (organisation_id);

-- Written in the transaction of what it tells of: one row per event and webhook.
CREATE TABLE webhook_delivery (
  -- The webhook-id of every attempt.
  id uuid PRIMARY KEY,
  webhook_id uuid NOT NULL REFERENCES webhook (id) ON DELETE CASCADE,
  event text NOT NULL,
  -- The body as it is sent and signed, byte by byte: hence no jsonb.
  payload text NOT NULL,
  -- What is told once alone, however many processes see it.
  once_key text,
  status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'delivered', 'given_up')),
  attempts integer NOT NULL DEFAULT 0,
  -- Under way: when another process may take it for lost. NULL: there is none.
  next_attempt_at timestamptz,
  last_status integer,
  last_error text,
  created_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz
);
CREATE UNIQUE INDEX webhook_delivery_once_key ON webhook_delivery (webhook_id, once_key);
CREATE INDEX webhook_delivery_webhook_id_idx ON webhook_delivery (webhook_id, id);
CREATE INDEX webhook_delivery_due_idx ON webhook_delivery (webhook_id, next_attempt_at) WHERE status = 'pending';
CREATE INDEX webhook_delivery_created_at_idx ON webhook_delivery (created_at);
