/** Where oidc-provider keeps what it issues. Found by digest, written without secrets, used up exactly once. */
import { Injectable } from '@nestjs/common';
import type { AdapterPayload } from 'oidc-provider';
import { DataSource, type EntityManager } from 'typeorm';
import { authTag } from '../../auth/caller.js';
import { Clock } from '../../platform/clock.js';
import { SealedBox } from '../../platform/crypto/sealed-box.js';
import { tokenDigest } from '../../platform/crypto/token-digest.js';
import { UnitOfWork, type Work } from '../../platform/database/unit-of-work.js';
import { newId } from '../../platform/ids.js';
import { currentFacts } from '../server/request-facts.js';
import { readPayload, writePayload, type WrittenPayload } from './artifact-payload.js';
import { TokenAudit } from '../tokens/token-audit.js';
import { UserCodeDigest } from './user-code-digest.js';

interface ArtifactRow {
  id_digest: Buffer;
  payload: object | null;
  sealed_payload: string | null;
  consumed_at: Date | null;
}

/**
 * For how long something that was used up still looks unused to whoever reads it, so that of parallel redemptions the
 * losers are refused by `consume` alone and the winner's tokens stay. Only what comes later counts as a replay.
 */
const GRACE_MS: Readonly<Record<string, number>> = {
  AuthorizationCode: 5_000,
  DeviceCode: 5_000,
  PushedAuthorizationRequest: 5_000,
  // Two windows of one app may refresh at once: one wins, and the other reads what the first has stored.
  RefreshToken: 10_000,
};

/** Access tokens: their end must reach the callers that are cached for them. */
const BEARER: ReadonlySet<string> = new Set(['AccessToken', 'ClientCredentials']);

/** What is missed when it is destroyed: by caches, or by the audit log. */
const ANNOUNCED: ReadonlySet<string> = new Set(['AccessToken', 'ClientCredentials', 'RefreshToken', 'Session']);

const COLUMNS = 'id_digest, payload, sealed_payload, consumed_at';

const insert = (rows: string): string => `
  INSERT INTO oauth_artifact (model, id_digest, id, payload, sealed_payload, grant_id, client_id, user_id,
         client_secret_id, uid_digest, user_code_digest, user_agent, client_address, created_at, updated_at, expires_at)
  ${rows}
  ON CONFLICT (model, id_digest) DO UPDATE SET payload = EXCLUDED.payload, sealed_payload = EXCLUDED.sealed_payload,
         grant_id = EXCLUDED.grant_id, user_id = EXCLUDED.user_id, uid_digest = EXCLUDED.uid_digest,
         user_code_digest = EXCLUDED.user_code_digest, user_agent = EXCLUDED.user_agent,
         client_address = EXCLUDED.client_address, updated_at = EXCLUDED.updated_at, expires_at = EXCLUDED.expires_at`;

const PLACES = '$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14, $15';

const WRITE = insert(`VALUES (${PLACES})`);

/** Waits for whoever is ending the session that is to be written again, and then writes nothing. */
const WRITE_AGAIN = `
  WITH held AS (SELECT 1 FROM oauth_artifact WHERE model = 'Session' AND id_digest = $16 FOR UPDATE)
  ${insert(`SELECT ${PLACES} FROM held`)} RETURNING 1`;

/**
 * An application's token hangs on no grant that could go. Waits for whoever is changing the client, and then writes nothing
 * if that took its tokens back.
 */
const WRITE_OF_APP = `
  WITH held AS (SELECT 1 FROM oauth_client WHERE client_id = $7 AND token_epoch = $16 AND NOT is_disabled FOR SHARE)
  ${insert(`SELECT ${PLACES} FROM held`)} RETURNING 1`;

@Injectable()
export class ArtifactStore {
  readonly #userCodes: UserCodeDigest;

  constructor(
    private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: TokenAudit,
    private readonly box: SealedBox,
    private readonly clock: Clock,
  ) {
    this.#userCodes = new UserCodeDigest(box);
  }

  /** By what its holder shows. */
  async find(model: string, shown: string): Promise<AdapterPayload | undefined> {
    const rows = await this.dataSource.query<ArtifactRow[]>(
      `SELECT ${COLUMNS} FROM oauth_artifact WHERE model = $1 AND id_digest = $2`,
      [model, tokenDigest(shown)],
    );
    const payload = this.#read(model, rows[0], shown);
    if (model === 'Session' && payload?.accountId) remember(rows[0]!.id_digest);
    return payload;
  }

  /** A session, by the name that it keeps when its id changes. */
  findByUid(model: string, uid: string): Promise<AdapterPayload | undefined> {
    return this.#findBy('uid_digest', model, [tokenDigest(uid)]);
  }

  /** A device code, by what its user types. */
  findByUserCode(model: string, userCode: string): Promise<AdapterPayload | undefined> {
    return this.#findBy('user_code_digest', model, this.#userCodes.allOf(userCode));
  }

  async #findBy(
    column: 'uid_digest' | 'user_code_digest',
    model: string,
    digests: readonly Buffer[],
  ): Promise<AdapterPayload | undefined> {
    const rows = await this.dataSource.query<ArtifactRow[]>(
      `SELECT ${COLUMNS} FROM oauth_artifact WHERE model = $1 AND ${column} = ANY ($2::bytea[])`,
      [model, digests],
    );
    return this.#read(model, rows[0], null);
  }

  /**
   * Writes or overwrites; what was used up stays so. What is a token is audited in the same transaction. False: nothing was
   * written, for the tokens of its client were taken back meanwhile.
   */
  async write(model: string, shown: string, payload: AdapterPayload): Promise<boolean> {
    const id = newId<string>();
    const values = this.#values(model, shown, id, payload);
    if (model === 'Session') {
      await this.#writeSession(shown, payload, values);
      return true;
    }
    const record = await this.audit.ofIssue(id, model, payload);
    if (record === null && model !== 'ClientCredentials') {
      await this.dataSource.query(WRITE, values);
      return true;
    }
    return this.unitOfWork.run(async ({ manager }) => {
      if (!(await writeToken(manager, model, payload, values))) return false;
      await record?.(manager);
      return true;
    });
  }

  /**
   * The library writes a session at the end of every request. One that was ended meanwhile must not come back by a request
   * that had begun before.
   */
  async #writeSession(shown: string, payload: AdapterPayload, values: unknown[]): Promise<void> {
    const facts = currentFacts();
    if (facts?.session) {
      const written = await this.dataSource.query<unknown[]>(WRITE_AGAIN, [...values, facts.session]);
      if (written.length === 0) facts.isSessionOver = true;
      return;
    }
    await this.dataSource.query(WRITE, values);
    if (payload.accountId) remember(tokenDigest(shown));
  }

  /** True for exactly one of any number of concurrent callers, in however many processes. */
  async consume(model: string, shown: string): Promise<boolean> {
    const rows = await this.dataSource.query<unknown[]>(
      `WITH used AS (UPDATE oauth_artifact SET consumed_at = $3
                      WHERE model = $1 AND id_digest = $2 AND consumed_at IS NULL RETURNING 1)
       SELECT * FROM used`,
      [model, tokenDigest(shown), new Date(this.clock.now())],
    );
    return rows.length === 1;
  }

  /** Claims an id that may be seen once until `expiresAt`: false for all but the first. `manager`: of a transaction. */
  async claim(model: string, shown: string, expiresAt: Date, manager = this.dataSource.manager): Promise<boolean> {
    const rows = await manager.query<unknown[]>(
      `INSERT INTO oauth_artifact (model, id_digest, id, payload, expires_at) VALUES ($1, $2, $3, '{}', $4)
       ON CONFLICT DO NOTHING RETURNING 1`,
      [model, tokenDigest(shown), newId<string>(), expiresAt],
    );
    return rows.length === 1;
  }

  async destroy(model: string, shown: string): Promise<void> {
    if (!ANNOUNCED.has(model)) {
      await this.dataSource.query('DELETE FROM oauth_artifact WHERE model = $1 AND id_digest = $2', [
        model,
        tokenDigest(shown),
      ]);
      return;
    }
    await this.unitOfWork.run((work) => this.#destroyAnnounced(work, model, shown));
  }

  /** What was issued on a grant, of one model. */
  async revokeByGrant(model: string, grantId: string): Promise<void> {
    await this.unitOfWork.run(async (work) => {
      await work.manager.query('DELETE FROM oauth_artifact WHERE model = $1 AND grant_id = $2', [model, grantId]);
      if (BEARER.has(model)) work.announce({ tag: authTag.oauthGrant(grantId), effect: 'revoked' });
    });
  }

  async #destroyAnnounced(work: Work, model: string, shown: string): Promise<void> {
    const rows = await work.manager.query<{ id: string; client_id: string; user_id: string | null }[]>(
      `WITH gone AS (DELETE FROM oauth_artifact WHERE model = $1 AND id_digest = $2 RETURNING id, client_id, user_id)
       SELECT * FROM gone`,
      [model, tokenDigest(shown)],
    );
    const row = rows[0];
    if (!row) return;
    // It goes on under another id, or is not written again at all.
    if (model === 'Session') remember(null);
    if (model === 'Session') work.announce({ tag: authTag.browserSession(row.id), effect: 'revoked' });
    if (BEARER.has(model)) work.announce({ tag: authTag.oauthToken(row.id), effect: 'revoked' });
    if (model !== 'Session') await this.audit.revoked(work.manager, row.id, model, row);
  }

  #read(model: string, row: ArtifactRow | undefined, shown: string | null): AdapterPayload | undefined {
    if (!row) return undefined;
    const written: WrittenPayload = { payload: row.payload, sealedPayload: row.sealed_payload };
    const payload = readPayload(this.box, row.id_digest, written, shown);
    if (!payload || row.consumed_at === null) return payload;
    const usedForMs = this.clock.now() - row.consumed_at.getTime();
    if (usedForMs < (GRACE_MS[model] ?? 0)) return payload;
    return { ...payload, consumed: Math.floor(row.consumed_at.getTime() / 1000) };
  }

  #values(model: string, shown: string, id: string, payload: AdapterPayload): unknown[] {
    const digest = tokenDigest(shown);
    const written = writePayload(this.box, model, digest, payload);
    const facts = model === 'Session' ? currentFacts() : undefined;
    const { grantId, clientId, accountId, uid, userCode, exp } = payload;
    // Who has signed in at an interaction; ends with the user's sessions.
    const { login } = (payload as { result?: { login?: { accountId?: string } } }).result ?? {};
    return [
      model,
      digest,
      id,
      written.payload && JSON.stringify(written.payload),
      written.sealedPayload,
      // A device code is only tied to a grant once somebody has allowed it; an interaction knows one that may not be saved.
      model === 'Interaction' ? null : (grantId ?? null),
      clientId ?? null,
      (model === 'Interaction' ? login?.accountId : accountId) ?? null,
      currentFacts()?.clientSecretId ?? null,
      model === 'Session' && uid ? tokenDigest(uid) : null,
      userCode ? this.#userCodes.of(userCode) : null,
      facts?.userAgent ?? null,
      facts?.clientAddress ?? null,
      new Date(this.clock.now()),
      new Date(exp! * 1000),
    ];
  }
}

/** False: the tokens of the application were taken back since the request began. */
async function writeToken(
  manager: EntityManager,
  model: string,
  { clientId }: AdapterPayload,
  values: unknown[],
): Promise<boolean> {
  if (model !== 'ClientCredentials') {
    await manager.query(WRITE, values);
    return true;
  }
  const epoch = currentFacts()?.tokenEpochs.get(clientId!);
  const written = await manager.query<unknown[]>(WRITE_OF_APP, [...values, epoch]);
  return written.length === 1;
}

/** Keeps in mind which stored session the current request goes by. */
function remember(session: Buffer | null): void {
  const facts = currentFacts();
  if (facts) facts.session = session;
}
