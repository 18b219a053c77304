/** Makes, keeps and rotates signing keys. The private halves are sealed. */
import { Injectable } from '@nestjs/common';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import { DataSource, type EntityManager } from 'typeorm';
import { authTag } from '../../auth/caller.js';
import { Clock } from '../../platform/clock.js';
import { Secret } from '../../platform/crypto/secret.js';
import { SealedBox, type SealedPlace } from '../../platform/crypto/sealed-box.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { SigningKeyEntity } from './signing-key.entity.js';
import { inOrder, isRotationDue, LEAD_MS, SIGNING_ALGORITHMS, TRAIL_MS } from './signing-keys.js';

/** Processes take turns at making keys. The number is arbitrary but fixed, and not another lock's. */
const SIGNING_KEY_LOCK = 4_739_203;

/** What the key set of the authorization server consists of: private keys, in the order in which they count. */
export type SigningJwk = JWK & { kid: string; alg: string; use: 'sig' };

@Injectable()
export class SigningKeyStore {
  constructor(
    private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly box: SealedBox,
    private readonly clock: Clock,
  ) {}

  /** The keys that count now, made when there are none that open. */
  async load(): Promise<SigningJwk[]> {
    const keys = this.#opened(await this.#published(this.dataSource.manager));
    if (keys.length > 0) return keys;
    await this.#add(this.clock.now(), (existing) => this.#opened(existing).length === 0);
    return this.#opened(await this.#published(this.dataSource.manager));
  }

  /**
   * Makes the next keys. They sign after a lead, and the present ones are published a while longer; `atOnce`: the present
   * ones are given up on the spot, because somebody else may have them.
   */
  async rotate(atOnce: boolean): Promise<void> {
    const now = this.clock.now();
    if (!atOnce) return this.#add(now + LEAD_MS, () => true);
    await this.#add(now, () => true, now);
  }

  /** On schedule: rotates once however many processes ask. */
  rotateWhenDue(): Promise<void> {
    const now = this.clock.now();
    return this.#add(now + LEAD_MS, (existing) => existing.length > 0 && isRotationDue(existing, now));
  }

  /** Keys are made before the transaction: an RSA pair can take a second. */
  async #add(
    activeFrom: number,
    isWanted: (existing: SigningKeyEntity[]) => boolean,
    othersEndAt = activeFrom + TRAIL_MS,
  ): Promise<void> {
    if (!isWanted(await this.#published(this.dataSource.manager))) return;
    const pairs = await Promise.all(SIGNING_ALGORITHMS.map((alg) => this.#make(alg, new Date(activeFrom))));
    await this.unitOfWork.run(async (work) => {
      await work.manager.query('SELECT pg_advisory_xact_lock($1)', [SIGNING_KEY_LOCK]);
      if (!isWanted(await this.#published(work.manager))) return;
      await work.manager.query(
        `UPDATE oauth_signing_key SET not_after = $1 WHERE not_after IS NULL OR not_after > $1`,
        [new Date(othersEndAt)],
      );
      await work.manager.insert(SigningKeyEntity, pairs);
      work.announce({ tag: authTag.signingKeys, effect: 'changed' });
    });
  }

  async #published(manager: EntityManager): Promise<SigningKeyEntity[]> {
    return inOrder(await manager.find(SigningKeyEntity), this.clock.now());
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
      sealedPrivateJwk: this.box.seal(privateJwk, signingKeyPlace(kid)),
      activeFrom,
      notAfter: null,
      createdAt: new Date(this.clock.now()),
    };
  }

  /** A key whose encryption key is not here is none: what it has signed has soon expired, and others can be made. */
  #opened(keys: readonly SigningKeyEntity[]): SigningJwk[] {
    return keys.flatMap(({ kid, alg, sealedPrivateJwk }) => {
      try {
        const jwk = JSON.parse(this.box.open(sealedPrivateJwk, signingKeyPlace(kid)).expose()) as JWK;
        return [{ ...jwk, kid, alg, use: 'sig' as const }];
      } catch {
        return [];
      }
    });
  }
}

export const signingKeyPlace = (kid: string): SealedPlace => ({
  table: 'oauth_signing_key',
  column: 'sealed_private_jwk',
  id: kid,
});
