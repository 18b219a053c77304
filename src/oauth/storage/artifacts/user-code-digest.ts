/**
 * Digest by which a typed device code is found. A reader of a plain digest could try all 20^8 codes in seconds, so the
 * digest uses a key of the deployment (HMAC-SHA-256, RFC 2104).
 */
import { createHmac } from 'node:crypto';
import type { SealedBox } from '../../../platform/crypto/sealed-box.js';

export class UserCodeDigest {
  /** One key per encryption key; the first is used for writing. */
  readonly #keys: readonly Buffer[];

  constructor(box: SealedBox) {
    this.#keys = box.derive('user codes');
  }

  /** Returns the digest to store. */
  compute(userCode: string): Buffer {
    return digest(this.#keys[0]!, userCode);
  }

  /** Returns all digests that may be stored for the code, also from before a rotation of the encryption keys. */
  computeAll(userCode: string): Buffer[] {
    return this.#keys.map((key) => digest(key, userCode));
  }
}

const digest = (key: Buffer, userCode: string): Buffer => createHmac('sha256', key).update(userCode).digest();
