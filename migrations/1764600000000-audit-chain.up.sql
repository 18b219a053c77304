-- oldest program: 0.1.0
-- The audit log as one chain of hashes per organisation. Entries are written without a place in it, in the transactions
-- of the changes they tell of, and get their place shortly after: no transaction waits for another one's entry. Those
-- that stand already get theirs in the same way at the next start, in the order of their ids.
ALTER TABLE audit_entry
  ADD COLUMN sequence bigint,
  ADD COLUMN previous_hash bytea,
  ADD COLUMN hash bytea;
CREATE UNIQUE INDEX audit_entry_sequence_key ON audit_entry (organisation_id, sequence);
CREATE INDEX audit_entry_unsealed_idx ON audit_entry (organisation_id, id) WHERE sequence IS NULL;

-- How long each chain is, and the hash of its last entry. Who locks the row lengthens the chain.
CREATE TABLE audit_chain_head (
  organisation_id uuid PRIMARY KEY REFERENCES organisation (id) ON DELETE CASCADE,
  entry_count bigint NOT NULL,
  hash bytea NOT NULL
);
