-- oldest program: 0.2.0
-- One spelling in code, SQL and the public API: organization. Renames the table, its columns in other tables, and the
-- constraints and indexes that are named after them. Data stay as they are; a partition follows its parent's columns.
ALTER TABLE organisation RENAME TO organization;
DO $$
DECLARE
  item record;
BEGIN
  FOR item IN
    SELECT c.oid::regclass AS relation, a.attname AS name
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND a.attname LIKE '%organisation%' AND NOT a.attisdropped
  LOOP
    EXECUTE format('ALTER TABLE %s RENAME COLUMN %I TO %I',
                   item.relation, item.name, replace(item.name, 'organisation', 'organization'));
  END LOOP;
  FOR item IN
    SELECT conrelid::regclass AS relation, conname AS name FROM pg_constraint
    WHERE connamespace = current_schema()::regnamespace AND conname LIKE '%organisation%'
      AND conparentid = 0 AND coninhcount = 0
  LOOP
    EXECUTE format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I',
                   item.relation, item.name, replace(item.name, 'organisation', 'organization'));
  END LOOP;
  FOR item IN
    SELECT oid::regclass AS relation, relname AS name FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('i', 'I') AND relname LIKE '%organisation%'
  LOOP
    EXECUTE format('ALTER INDEX %s RENAME TO %I', item.relation, replace(item.name, 'organisation', 'organization'));
  END LOOP;
END
$$;
