/**
 * A code or refresh token that is redeemed is used up in the transaction that writes the access token, with its successor:
 * a request that fails before that, or in it, has cost its app nothing.
 */
import type { EntityManager } from 'typeorm';
import { WRITE } from './artifact-statements.js';

/** What has tokens for whoever redeems it. */
export const REDEEMABLE: ReadonlySet<string> = new Set(['AuthorizationCode', 'DeviceCode', 'RefreshToken']);

export interface Redemption {
  model: string;
  idDigest: Buffer;
  /** The refresh token that comes in place of the one that is redeemed, as values of `WRITE`. */
  successor: unknown[] | null;
}

/** Whoever ends the user or the grant takes these locks first, and artifacts after them. */
const HOLD_GRANT = `
  SELECT 1 FROM oauth_grant g JOIN app_user u ON u.id = g.user_id WHERE g.id = $1 FOR KEY SHARE OF u, g`;

/** False when somebody else has redeemed it, or its grant has ended. */
export async function redeem(
  manager: EntityManager,
  { model, idDigest, successor }: Redemption,
  grantId: string | undefined,
  now: Date,
): Promise<boolean> {
  await manager.query(HOLD_GRANT, [grantId]);
  if (!(await useUp(manager, model, idDigest, now))) return false;
  if (successor) await manager.query(WRITE, successor);
  return true;
}

/** True for exactly one of any number of concurrent callers, in however many processes. */
export async function useUp(manager: EntityManager, model: string, idDigest: Buffer, now: Date): Promise<boolean> {
  const rows = await manager.query<unknown[]>(
    `WITH used AS (UPDATE oauth_artifact SET consumed_at = $3
                    WHERE model = $1 AND id_digest = $2 AND consumed_at IS NULL RETURNING 1)
     SELECT * FROM used`,
    [model, idDigest, now],
  );
  return rows.length === 1;
}
