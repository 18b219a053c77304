DROP TABLE audit_chain_head;
DROP INDEX audit_entry_unsealed_idx;
DROP INDEX audit_entry_sequence_key;
ALTER TABLE audit_entry DROP COLUMN hash, DROP COLUMN previous_hash, DROP COLUMN sequence;
