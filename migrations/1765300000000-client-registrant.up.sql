-- oldest program: 0.1.0
-- Who chose the name and the addresses of an OAuth client, and when. Scopes of the admin API depend on what that person may
-- do. Of clients before this migration the audit log tells it; a client without a known registrant gets no such scopes.
ALTER TABLE oauth_client ADD COLUMN registered_by uuid REFERENCES app_user (id) ON DELETE SET NULL;
ALTER TABLE oauth_client ADD COLUMN registered_at timestamptz;
UPDATE oauth_client c
   SET registered_by = found.user_id, registered_at = found.at
  FROM (SELECT DISTINCT ON (a.organisation_id, a.target_id)
               a.organisation_id, a.target_id, u.id AS user_id, a.created_at AS at
          FROM audit_entry a
          LEFT JOIN app_user u ON u.id::text = a.actor_id AND u.organisation_id = a.organisation_id
         WHERE a.action = 'oauth_client.create'
            OR (a.action = 'oauth_client.update'
                AND (a.before -> 'name' IS DISTINCT FROM a.after -> 'name'
                     OR a.before -> 'redirectUris' IS DISTINCT FROM a.after -> 'redirectUris'))
         ORDER BY a.organisation_id, a.target_id, a.id DESC) AS found
 WHERE c.source = 'admin' AND c.organisation_id = found.organisation_id AND c.id::text = found.target_id;
CREATE INDEX oauth_client_registered_by_idx ON oauth_client (registered_by) WHERE registered_by IS NOT NULL;
