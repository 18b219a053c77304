/** Secrets of OAuth clients: minted here, stored as digests, returned once, at most two live at a time. */
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { DataSource, In, type EntityManager } from 'typeorm';
import { Clock } from '../../platform/time/clock.js';
import { computeTokenDigest } from '../../platform/crypto/token-digest.js';
import { mintToken } from '../../platform/crypto/token-mint.js';
import { createId } from '../../platform/ids.js';
import { OAuthClientSecretEntity } from './oauth-client-secret.entity.js';

/** Admins want to see whether the old secret is still in use; seconds do not matter for that. */
const STAMP_SECONDS = 60;
/** If more secrets than this are used within a minute, the condition in the statement still limits the stamps. */
const STAMP_CACHE_SIZE = 10_000;

@Injectable()
export class OAuthClientSecretStore {
  /**
   * Last time that this process stamped a secret, in monotonic milliseconds. Saves the database a statement per token.
   */
  readonly #stampedAt = new LRUCache<string, number>({ max: STAMP_CACHE_SIZE });

  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  /** Creates a secret that never expires and returns its value, for the one response that shows it. */
  async mint(manager: EntityManager, oauthClientId: string): Promise<string> {
    const now = this.clock.now();
    const secret = mintToken('llm_secret_');
    // The only place where a client's secret is plain text: its digest is stored, and its creator sees it once.
    const value = secret.expose();
    await manager.insert(OAuthClientSecretEntity, {
      id: createId(now),
      oauthClientId,
      digest: computeTokenDigest(value),
      last4: secret.last4,
      notAfter: null,
      createdAt: new Date(now),
      lastUsedAt: null,
    });
    return value;
  }

  /**
   * Makes room for a new secret. The newest live one ends at `until`, or earlier if that was already set; all others
   * end now. Returns whether a live secret has ended.
   */
  async retire(manager: EntityManager, oauthClientId: string, until: Date): Promise<boolean> {
    const now = this.clock.now();
    const [newest, ...older] = (await this.listLive(manager, [oauthClientId])).get(oauthClientId) ?? [];
    if (!newest) return false;
    const endsAt = Math.min(newest.notAfter?.getTime() ?? Infinity, until.getTime());
    const isLive = endsAt > now;
    if (isLive) await manager.update(OAuthClientSecretEntity, { id: newest.id }, { notAfter: new Date(endsAt) });
    await this.end(manager, oauthClientId, isLive ? newest.id : null);
    return !isLive || older.length > 0;
  }

  /** Ends the client's secrets now, except `except`. */
  async end(manager: EntityManager, oauthClientId: string, exceptId: string | null = null): Promise<void> {
    await manager.query('DELETE FROM oauth_client_secret WHERE oauth_client_id = $1 AND id IS DISTINCT FROM $2::uuid', [
      oauthClientId,
      exceptId,
    ]);
  }

  /** Returns the live secrets per client, newest first. A client without live secrets has no entry. */
  async listLive(
    manager: EntityManager,
    clientIds: readonly string[],
  ): Promise<Map<string, OAuthClientSecretEntity[]>> {
    const now = this.clock.now();
    const rows = await manager.find(OAuthClientSecretEntity, {
      where: { oauthClientId: In([...clientIds]) },
      order: { createdAt: 'DESC', id: 'DESC' },
    });
    const found = new Map<string, OAuthClientSecretEntity[]>();
    for (const row of rows) {
      if (row.notAfter !== null && row.notAfter.getTime() <= now) continue;
      const secrets = found.get(row.oauthClientId) ?? [];
      secrets.push(row);
      found.set(row.oauthClientId, secrets);
    }
    return found;
  }

  /** Records that a client has authenticated with this secret, at most once a minute. */
  async markUsed(id: string): Promise<void> {
    const now = this.clock.monotonicNow();
    if (now - (this.#stampedAt.get(id) ?? -Infinity) <= STAMP_SECONDS * 1000) return;
    await this.dataSource.query(
      `UPDATE oauth_client_secret SET last_used_at = $2::timestamptz
        WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2::timestamptz - make_interval(secs => $3))`,
      [id, new Date(this.clock.now()), STAMP_SECONDS],
    );
    this.#stampedAt.set(id, now);
  }
}
