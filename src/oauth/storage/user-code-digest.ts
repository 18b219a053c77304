/**
 * How the code that a person types is found. Its 20^8 values are tried in seconds by whoever reads a plain digest, so this
 * one is taken under a key of the deployment (HMAC-SHA-256, RFC 2104).
 */
import { createHmac } from 'node:crypto';
import type { SealedBox } from '../../platform/crypto/sealed-box.js';

export class UserCodeDigest {
  /** One per encryption key; the first writes. */
  readonly #keys: readonly Buffer[];

  constructor(box: SealedBox) {
    this.#keys = box.derive('user codes');
  }

  /** To be stored. */
  of(userCode: string): Buffer {
    return digest(this.#keys[0]!, userCode);
  }

  /** All that may have been stored for the code, also before the encryption keys were rotated. */
  allOf(userCode: string): Buffer[] {
    return this.#keys.map((key) => digest(key, userCode));
  }
}

const digest = (key: Buffer, userCode: string): Buffer => createHmac('sha256', key).update(userCode).digest();
