/**
 * Redeems a code or refresh token. It is consumed in the transaction that writes the access token, together with its
 * successor. A request that fails before or in that transaction costs the app nothing.
 */
import type { EntityManager } from 'typeorm';
import type { Redemption } from '../../oidc-library/request-context.js';
import { WRITE_ARTIFACT } from './statements.js';

/** Models that yield tokens when redeemed. */
export const REDEEMABLE: ReadonlySet<string> = new Set(['AuthorizationCode', 'DeviceCode', 'RefreshToken']);

/** Locks in the same order as a transaction that ends the user or the grant: these first, artifacts after them. */
const LOCK_GRANT = `
  SELECT 1 FROM oauth_grant g JOIN app_user u ON u.id = g.user_id WHERE g.id = $1 FOR KEY SHARE OF u, g`;

/** Returns false if it was already redeemed, or is gone because its grant has ended. */
export async function redeem(
  manager: EntityManager,
  { model, idDigest, successor }: Redemption,
  grantId: string | undefined,
  now: Date,
): Promise<boolean> {
  await manager.query(LOCK_GRANT, [grantId]);
  if (!(await consumeArtifact(manager, model, idDigest, now))) return false;
  if (successor) await manager.query(WRITE_ARTIFACT, successor);
  return true;
}

/** Returns true for exactly one of any number of concurrent callers, across all processes. */
export async function consumeArtifact(
  manager: EntityManager,
  model: string,
  idDigest: Buffer,
  now: Date,
): Promise<boolean> {
  const rows = await manager.query<unknown[]>(
    `WITH used AS (UPDATE oauth_artifact SET consumed_at = $3
                    WHERE model = $1 AND id_digest = $2 AND consumed_at IS NULL RETURNING 1)
     SELECT * FROM used`,
    [model, idDigest, now],
  );
  return rows.length === 1;
}
