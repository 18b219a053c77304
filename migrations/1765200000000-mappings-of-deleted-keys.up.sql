-- oldest program: 0.1.0
-- A deleted provider key takes its mappings with it: calls are then refused with provider_not_mapped.
DELETE FROM key_binding b WHERE NOT EXISTS (SELECT 1 FROM provider_key p WHERE p.id = b.provider_key_id);
ALTER TABLE key_binding ADD CONSTRAINT key_binding_provider_key_id_fkey
  FOREIGN KEY (provider_key_id) REFERENCES provider_key (id) ON DELETE CASCADE;
