/** Creates, stores and rotates signing keys. The private halves are sealed. */
import { Injectable } from '@nestjs/common';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import { DataSource, type EntityManager } from 'typeorm';
import { authTag } from '../../auth/callers/caller.js';
import { Clock } from '../../platform/time/clock.js';
import { Secret } from '../../platform/crypto/secret.js';
import { SealedBox, type SealContext } from '../../platform/crypto/sealed-box.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { SigningKeyEntity } from './signing-key.entity.js';
import { sortSigningKeys, isRotationDue, LEAD_MS, SIGNING_ALGORITHMS, TRAIL_MS } from './key-rotation.js';

/**
 * Advisory lock: processes create keys one at a time. The number is arbitrary but fixed, and distinct from other locks.
 */
const SIGNING_KEY_LOCK = 4_739_203;

/** A private key of the authorization server's key set. */
export type SigningJwk = JWK & { kid: string; alg: string; use: 'sig' };

@Injectable()
export class SigningKeyStore {
  constructor(
    private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly box: SealedBox,
    private readonly clock: Clock,
  ) {}

  /** Returns the published keys in their order. Creates keys if none can be opened. */
  async load(): Promise<SigningJwk[]> {
    const keys = this.#openKeys(await this.#loadPublished(this.dataSource.manager));
    if (keys.length > 0) return keys;
    await this.#add(this.clock.now(), (existing) => this.#openKeys(existing).length === 0);
    return this.#openKeys(await this.#loadPublished(this.dataSource.manager));
  }

  /**
   * Creates the next keys. They sign after `LEAD_MS`, and the present ones stay published for `TRAIL_MS` after that.
   * `isImmediate`: the present ones end immediately, because they may be compromised.
   */
  async rotate(isImmediate: boolean): Promise<void> {
    const now = this.clock.now();
    if (!isImmediate) return this.#add(now + LEAD_MS, () => true);
    await this.#add(now, () => true, now);
  }

  /** Rotates on schedule: once, even if many processes call it. */
  rotateWhenDue(): Promise<void> {
    const now = this.clock.now();
    return this.#add(now + LEAD_MS, (existing) => existing.length > 0 && isRotationDue(existing, now));
  }

  /** Creates keys before the transaction, because an RSA pair can take a second. */
  async #add(
    activeFrom: number,
    isWanted: (existing: SigningKeyEntity[]) => boolean,
    othersEndAt = activeFrom + TRAIL_MS,
  ): Promise<void> {
    if (!isWanted(await this.#loadPublished(this.dataSource.manager))) return;
    const pairs = await Promise.all(SIGNING_ALGORITHMS.map((alg) => this.#make(alg, new Date(activeFrom))));
    await this.unitOfWork.run(async (work) => {
      await work.manager.query('SELECT pg_advisory_xact_lock($1)', [SIGNING_KEY_LOCK]);
      if (!isWanted(await this.#loadPublished(work.manager))) return;
      await work.manager.query(
        `UPDATE oauth_signing_key SET not_after = $1 WHERE not_after IS NULL OR not_after > $1`,
        [new Date(othersEndAt)],
      );
      await work.manager.insert(SigningKeyEntity, pairs);
      work.announce({ tag: authTag.signingKeys, effect: 'changed' });
    });
  }

  async #loadPublished(manager: EntityManager): Promise<SigningKeyEntity[]> {
    return sortSigningKeys(await manager.find(SigningKeyEntity), this.clock.now());
  }

  async #make(alg: string, activeFrom: Date): Promise<SigningKeyEntity> {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
    const publicJwk = await exportJWK(publicKey);
    const kid = await calculateJwkThumbprint(publicJwk);
    const privateJwk = new Secret(JSON.stringify(await exportJWK(privateKey)));
    return {
      kid,
      alg,
      publicJwk,
      sealedPrivateJwk: this.box.seal(privateJwk, createSigningKeySealContext(kid)),
      activeFrom,
      notAfter: null,
      createdAt: new Date(this.clock.now()),
    };
  }

  /** Drops keys whose encryption key is missing: their signatures expire soon, and other keys can be created. */
  #openKeys(keys: readonly SigningKeyEntity[]): SigningJwk[] {
    return keys.flatMap(({ kid, alg, sealedPrivateJwk }) => {
      try {
        const jwk = JSON.parse(this.box.open(sealedPrivateJwk, createSigningKeySealContext(kid)).expose()) as JWK;
        return [{ ...jwk, kid, alg, use: 'sig' as const }];
      } catch {
        return [];
      }
    });
  }
}

export const createSigningKeySealContext = (kid: string): SealContext => ({
  table: 'oauth_signing_key',
  column: 'sealed_private_jwk',
  id: kid,
});
