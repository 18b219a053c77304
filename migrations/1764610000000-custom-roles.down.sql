-- Whoever had a custom role is a member.
DROP INDEX app_user_custom_role_id_idx;
ALTER TABLE app_user DROP CONSTRAINT app_user_custom_role_check, DROP COLUMN custom_role_id;
DROP TABLE custom_role;
