/** Stores everything that oidc-provider issues: found by digest, written without secrets, consumed exactly once. */
import { Injectable } from '@nestjs/common';
import type { AdapterPayload } from 'oidc-provider';
import { DataSource } from 'typeorm';
import { authTag } from '../../../auth/callers/caller.js';
import { Clock } from '../../../platform/time/clock.js';
import { SealedBox } from '../../../platform/crypto/sealed-box.js';
import { computeTokenDigest } from '../../../platform/crypto/token-digest.js';
import { UnitOfWork, type Work } from '../../../platform/database/unit-of-work.js';
import { createId } from '../../../platform/ids.js';
import { getCurrentRequestContext } from '../../oidc-library/request-context.js';
import { readPayload, writePayload, type StoredPayload } from './payload.js';
import { TokenAudit } from '../../tokens/audit.js';
import { WRITE_ARTIFACT, REWRITE_SESSION, WRITE_APP_TOKEN } from './statements.js';
import { REDEEMABLE, redeem, consumeArtifact } from './redemption.js';
import { UserCodeDigest } from './user-code-digest.js';

interface ArtifactRow {
  id_digest: Buffer;
  payload: object | null;
  sealed_payload: string | null;
  consumed_at: Date | null;
}

/**
 * Period in which a consumed artifact still reads as unused. Of parallel redemptions, `consume` alone refuses the
 * losers, and the winner's tokens stay. Only a later redemption counts as a replay.
 */
const GRACE_MS: Readonly<Record<string, number>> = {
  AuthorizationCode: 5_000,
  DeviceCode: 5_000,
  PushedAuthorizationRequest: 5_000,
  // Two windows of one app may refresh concurrently: one wins, and the other reads what the first has stored.
  RefreshToken: 10_000,
};

/** Access tokens. Their end must reach the callers that are cached for them. */
const BEARER: ReadonlySet<string> = new Set(['AccessToken', 'ClientCredentials']);

/** Models whose destruction is announced to caches or recorded in the audit log. */
const ANNOUNCED: ReadonlySet<string> = new Set(['AccessToken', 'ClientCredentials', 'RefreshToken', 'Session']);

const COLUMNS = 'id_digest, payload, sealed_payload, consumed_at';

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

  /** Looks an artifact up by the value that its holder presents. Only its digest is stored. */
  async find(model: string, identifier: string): Promise<AdapterPayload | undefined> {
    const rows = await this.dataSource.query<ArtifactRow[]>(
      `SELECT ${COLUMNS} FROM oauth_artifact WHERE model = $1 AND id_digest = $2`,
      [model, computeTokenDigest(identifier)],
    );
    const payload = this.#read(model, rows[0], identifier);
    if (model === 'Session' && payload?.accountId) rememberSession(rows[0]!.id_digest);
    return payload;
  }

  /** Looks a session up by its `uid`, which stays when its id changes. */
  findByUid(model: string, uid: string): Promise<AdapterPayload | undefined> {
    return this.#findBy('uid_digest', model, [computeTokenDigest(uid)]);
  }

  /** Looks a device code up by the code that its user types. */
  findByUserCode(model: string, userCode: string): Promise<AdapterPayload | undefined> {
    return this.#findBy('user_code_digest', model, this.#userCodes.computeAll(userCode));
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
   * Writes or overwrites an artifact; a consumed one stays consumed. For a token, the same transaction writes the audit
   * entry and consumes what the token is issued for. Returns the reason if nothing was written, else null.
   */
  async write(model: string, identifier: string, payload: AdapterPayload): Promise<string | null> {
    const id = createId<string>();
    const values = this.#buildValues(model, identifier, id, payload);
    if (BEARER.has(model)) return this.#writeToken(model, id, payload, values);
    const redemption = getCurrentRequestContext()?.redemption;
    if (model === 'Session') await this.#writeSession(identifier, payload, values);
    else if (model === 'RefreshToken' && redemption) redemption.successor = values;
    else await this.dataSource.query(WRITE_ARTIFACT, values);
    return null;
  }

  async #writeToken(model: string, id: string, payload: AdapterPayload, values: unknown[]): Promise<string | null> {
    const context = getCurrentRequestContext();
    const { clientId, grantId } = payload;
    const record = await this.audit.prepareIssue(id, model, payload);
    const refusal = await this.unitOfWork.run(async ({ manager }) => {
      const { redemption } = context ?? {};
      if (redemption && !(await redeem(manager, redemption, grantId, new Date(this.clock.now()))))
        return `${redemption.model} was already used`;
      if (model === 'AccessToken') await manager.query(WRITE_ARTIFACT, values);
      else {
        const epoch = context?.tokenEpochs.get(clientId!);
        const rows = await manager.query<unknown[]>(WRITE_APP_TOKEN, [...values, epoch]);
        if (rows.length === 0) return "the client's tokens were revoked meanwhile";
      }
      await record?.(manager);
      return null;
    });
    // For a code, the first refresh token is written after the access token.
    if (context && refusal === null) context.redemption = null;
    return refusal;
  }

  /**
   * Writes a session. The library does so at the end of every request. A session that was ended in the meantime must
   * not be restored by a request that began before.
   */
  async #writeSession(identifier: string, payload: AdapterPayload, values: unknown[]): Promise<void> {
    const context = getCurrentRequestContext();
    if (context?.session) {
      const rows = await this.dataSource.query<unknown[]>(REWRITE_SESSION, [...values, context.session]);
      if (rows.length === 0) context.isSessionEnded = true;
      return;
    }
    await this.dataSource.query(WRITE_ARTIFACT, values);
    if (payload.accountId) rememberSession(computeTokenDigest(identifier));
  }

  /**
   * Consumes an artifact. What yields tokens is consumed when the first of them is written (redemption.ts). Returns
   * false if it was consumed before.
   */
  async consume(model: string, identifier: string): Promise<boolean> {
    const context = getCurrentRequestContext();
    const idDigest = computeTokenDigest(identifier);
    if (!context || !REDEEMABLE.has(model))
      return consumeArtifact(this.dataSource.manager, model, idDigest, new Date(this.clock.now()));
    context.redemption = { model, idDigest, successor: null };
    return true;
  }

  /**
   * Claims an id that is accepted once until `expiresAt`. Returns false for all but the first. `manager`: of a
   * transaction.
   */
  async claim(model: string, identifier: string, expiresAt: Date, manager = this.dataSource.manager): Promise<boolean> {
    const rows = await manager.query<unknown[]>(
      `INSERT INTO oauth_artifact (model, id_digest, id, payload, expires_at) VALUES ($1, $2, $3, '{}', $4)
       ON CONFLICT DO NOTHING RETURNING 1`,
      [model, computeTokenDigest(identifier), createId<string>(), expiresAt],
    );
    return rows.length === 1;
  }

  /** Returns false if the artifact did not exist. Of concurrent callers, exactly one gets true. */
  async destroy(model: string, identifier: string): Promise<boolean> {
    if (ANNOUNCED.has(model)) return this.unitOfWork.run((work) => this.#destroyAnnounced(work, model, identifier));
    const deleted = await this.dataSource.query<unknown[]>(
      `WITH gone AS (DELETE FROM oauth_artifact WHERE model = $1 AND id_digest = $2 RETURNING 1) SELECT * FROM gone`,
      [model, computeTokenDigest(identifier)],
    );
    return deleted.length > 0;
  }

  /** Deletes the artifacts of one model that were issued on a grant. */
  async revokeByGrant(model: string, grantId: string): Promise<void> {
    await this.unitOfWork.run(async (work) => {
      await work.manager.query('DELETE FROM oauth_artifact WHERE model = $1 AND grant_id = $2', [model, grantId]);
      if (BEARER.has(model)) work.announce({ tag: authTag.oauthGrant(grantId), effect: 'revoked' });
    });
  }

  async #destroyAnnounced(work: Work, model: string, identifier: string): Promise<boolean> {
    const rows = await work.manager.query<{ id: string; client_id: string; user_id: string | null }[]>(
      `WITH gone AS (DELETE FROM oauth_artifact WHERE model = $1 AND id_digest = $2 RETURNING id, client_id, user_id)
       SELECT * FROM gone`,
      [model, computeTokenDigest(identifier)],
    );
    const row = rows[0];
    if (!row) return false;
    // The session continues under another id, or is not written again.
    if (model === 'Session') rememberSession(null);
    if (model === 'Session') work.announce({ tag: authTag.browserSession(row.id), effect: 'revoked' });
    if (BEARER.has(model)) work.announce({ tag: authTag.oauthToken(row.id), effect: 'revoked' });
    if (model !== 'Session') await this.audit.recordRevocation(work.manager, row.id, model, row);
    return true;
  }

  #read(model: string, row: ArtifactRow | undefined, identifier: string | null): AdapterPayload | undefined {
    if (!row) return undefined;
    const stored: StoredPayload = { payload: row.payload, sealedPayload: row.sealed_payload };
    const payload = readPayload(this.box, row.id_digest, stored, identifier);
    if (!payload || row.consumed_at === null) return payload;
    const usedForMs = this.clock.now() - row.consumed_at.getTime();
    if (usedForMs < (GRACE_MS[model] ?? 0)) return payload;
    return { ...payload, consumed: Math.floor(row.consumed_at.getTime() / 1000) };
  }

  #buildValues(model: string, identifier: string, id: string, payload: AdapterPayload): unknown[] {
    const digest = computeTokenDigest(identifier);
    const stored = writePayload(this.box, model, digest, payload);
    const context = model === 'Session' ? getCurrentRequestContext() : undefined;
    const { grantId, clientId, accountId, uid, userCode, exp } = payload;
    // The user who has signed in at an interaction, which ends with the user's sessions.
    const { login } = (payload as { result?: { login?: { accountId?: string } } }).result ?? {};
    return [
      model,
      digest,
      id,
      stored.payload && JSON.stringify(stored.payload),
      stored.sealedPayload,
      // A device code is tied to a grant only after it was allowed. The grant of an interaction may not be saved yet.
      model === 'Interaction' ? null : (grantId ?? null),
      clientId ?? null,
      (model === 'Interaction' ? login?.accountId : accountId) ?? null,
      getCurrentRequestContext()?.clientSecretId ?? null,
      model === 'Session' && uid ? computeTokenDigest(uid) : null,
      userCode ? this.#userCodes.compute(userCode) : null,
      context?.userAgent ?? null,
      context?.clientAddress ?? null,
      new Date(this.clock.now()),
      new Date(exp! * 1000),
    ];
  }
}

/** Remembers which stored session the current request uses. */
function rememberSession(session: Buffer | null): void {
  const context = getCurrentRequestContext();
  if (context) context.session = session;
}
