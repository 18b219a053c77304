/**
 * Seals entries: gives them their position in the chain of their organization. Entries are written without one, in the
 * transactions of their changes, so that no change (and no token request) waits for the chain. A second later they are
 * sealed: a batch in one short transaction, under a lock on the chain's head that only sealers take.
 */
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AppLogger } from '../../platform/logging/app-logger.js';
import { AuditChainHeadEntity } from './head.entity.js';
import { computeEntryHash, computeFirstPreviousHash, type HashedEntry } from './entry-hash.js';
import { AuditLog } from '../entries/audit-log.js';

/**
 * Long enough that the transaction has ended and entries of others join the batch; short, as an unsealed entry can be
 * changed without a trace.
 */
const SEAL_AFTER_MS = 1_000;
/** For entries whose transaction took longer, and for those of a terminated process. */
const SEAL_INTERVAL_MS = 15_000;
/** Entries per transaction: a millisecond or two of hashing, in a thread that also serves calls. */
const BATCH = 100;

/** Raw rows: entities have no advantage here. */
const UNSEALED = `
  SELECT id, created_at AS "createdAt", actor_type AS "actorType", actor_id AS "actorId",
         credential_id AS "credentialId", action, target_type AS "targetType", target_id AS "targetId", before, after,
         request_id AS "requestId", client_address AS "clientAddress"
    FROM audit_entry WHERE organization_id = $1 AND sequence IS NULL ORDER BY id LIMIT ${BATCH}`;

@Injectable()
export class AuditSealer implements OnModuleInit, OnApplicationShutdown {
  #interval: NodeJS.Timeout | undefined;
  #timer: NodeJS.Timeout | undefined;
  #currentRun: Promise<void> = Promise.resolve();

  constructor(
    log: AuditLog,
    private readonly dataSource: DataSource,
    private readonly logger: AppLogger,
  ) {
    log.onRecord(() => this.#schedule());
  }

  onModuleInit(): void {
    this.#schedule();
    this.#interval = setInterval(() => this.#schedule(), SEAL_INTERVAL_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#interval);
    const isDue = this.#timer !== undefined;
    clearTimeout(this.#timer);
    await (isDue ? this.seal() : this.#currentRun).catch((error: unknown) => this.#logFailure(error));
  }

  /**
   * Seals all committed entries, except for those that another process is sealing. Passes of one process run one after
   * the other.
   */
  seal(): Promise<void> {
    this.#currentRun = this.#currentRun.catch(() => undefined).then(() => this.#sealAll());
    return this.#currentRun;
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.seal().catch((error: unknown) => this.#logFailure(error));
    }, SEAL_AFTER_MS).unref();
  }

  async #sealAll(): Promise<void> {
    const organizations = await this.dataSource.query<{ id: string }[]>(
      'SELECT DISTINCT organization_id AS id FROM audit_entry WHERE sequence IS NULL',
    );
    for (const { id } of organizations) {
      let sealed = BATCH;
      while (sealed === BATCH) sealed = await this.dataSource.transaction((manager) => sealBatch(manager, id));
    }
  }

  #logFailure(error: unknown): void {
    this.logger.pino.warn({ err: error }, 'audit entries could not be sealed; retrying');
  }
}

/** Returns the number of sealed entries: 0 while another process is sealing this chain. */
async function sealBatch(manager: EntityManager, organizationId: string): Promise<number> {
  const head = await lockHead(manager, organizationId);
  if (head === null) return 0;
  // A separate statement after the lock, so it sees the entries that another process has sealed before.
  const entries = await manager.query<HashedEntry[]>(UNSEALED, [organizationId]);
  let { count, hash } = head;
  const positions = entries.map((entry) => {
    const previousHash = hash;
    hash = computeEntryHash(entry, { sequence: ++count, previousHash });
    return { id: entry.id, sequence: count, previousHash, hash };
  });
  if (positions.length === 0) return 0;
  await manager.query(
    `UPDATE audit_entry e
        SET sequence = p.sequence, previous_hash = decode(p.previous_hash, 'hex'), hash = decode(p.hash, 'hex')
       FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[]) AS p (id, sequence, previous_hash, hash)
      WHERE e.id = p.id`,
    [
      positions.map((position) => position.id),
      positions.map((position) => position.sequence),
      positions.map((position) => position.previousHash.toString('hex')),
      positions.map((position) => position.hash.toString('hex')),
    ],
  );
  await manager.update(AuditChainHeadEntity, { organizationId }, { entryCount: String(count), hash });
  return positions.length;
}

/**
 * Locks the head; null if another process holds the lock. Throws if the head is missing and the chain is not:
 * recreating it would hide tampering.
 */
async function lockHead(
  manager: EntityManager,
  organizationId: string,
): Promise<{ count: number; hash: Buffer } | null> {
  const [head] = await manager.query<{ count: string; hash: Buffer }[]>(
    'SELECT entry_count AS count, hash FROM audit_chain_head WHERE organization_id = $1 FOR UPDATE SKIP LOCKED',
    [organizationId],
  );
  if (head) return { count: Number(head.count), hash: head.hash };
  const hash = computeFirstPreviousHash(organizationId);
  const inserted = await manager.query<unknown[]>(
    `WITH made AS (
       INSERT INTO audit_chain_head (organization_id, entry_count, hash) VALUES ($1, 0, decode($2, 'hex'))
       ON CONFLICT DO NOTHING RETURNING 1)
     SELECT 1 FROM made`,
    [organizationId, hash.toString('hex')],
  );
  if (inserted.length === 0) return null;
  const [sealed] = await manager.query<unknown[]>(
    'SELECT 1 FROM audit_entry WHERE organization_id = $1 AND sequence IS NOT NULL LIMIT 1',
    [organizationId],
  );
  if (sealed) throw new Error(`the head of the audit chain of organization ${organizationId} is missing`);
  return { count: 0, hash };
}
