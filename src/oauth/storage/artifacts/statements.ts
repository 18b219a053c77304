/** SQL statements that write an artifact. */

const insert = (rows: string): string => `
  INSERT INTO oauth_artifact (model, id_digest, id, payload, sealed_payload, grant_id, client_id, user_id,
         client_secret_id, uid_digest, user_code_digest, user_agent, client_address, created_at, updated_at, expires_at)
  ${rows}
  ON CONFLICT (model, id_digest) DO UPDATE SET payload = EXCLUDED.payload, sealed_payload = EXCLUDED.sealed_payload,
         grant_id = EXCLUDED.grant_id, user_id = EXCLUDED.user_id, uid_digest = EXCLUDED.uid_digest,
         user_code_digest = EXCLUDED.user_code_digest, user_agent = EXCLUDED.user_agent,
         client_address = EXCLUDED.client_address, updated_at = EXCLUDED.updated_at, expires_at = EXCLUDED.expires_at`;

const PLACEHOLDERS = '$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14, $15';

export const WRITE_ARTIFACT = insert(`VALUES (${PLACEHOLDERS})`);

/**
 * Writes a session again. Waits for a concurrent transaction that ends the session ($16: its digest), and then writes
 * nothing.
 */
export const REWRITE_SESSION = `
  WITH held AS (SELECT 1 FROM oauth_artifact WHERE model = 'Session' AND id_digest = $16 FOR UPDATE)
  ${insert(`SELECT ${PLACEHOLDERS} FROM held`)} RETURNING 1`;

/**
 * Writes an application's token, which depends on no grant. Waits for a concurrent change of the client, and writes
 * nothing if that change revoked its tokens. $16: the token epoch when the request began.
 */
export const WRITE_APP_TOKEN = `
  WITH held AS (SELECT 1 FROM oauth_client WHERE client_id = $7 AND token_epoch = $16 AND NOT is_disabled FOR SHARE)
  ${insert(`SELECT ${PLACEHOLDERS} FROM held`)} RETURNING 1`;
