/**
 * Secrets at rest: AES-256-GCM under one of several keys. The sealed text names its key, so that keys can be rotated
 * (`gatehouse reseal`), and is bound to its row, so that a sealed value copied to another row does not open.
 */
import { createCipheriv, createDecipheriv, hash, hkdfSync, randomBytes } from 'node:crypto';
import { Secret } from './secret.js';

const VERSION = 's1';
const IV_BYTES = 12; // NIST SP 800-38D §8.2.1
const TAG_BYTES = 16;

/** Table, column and row id of a sealed value. They become the additional authenticated data. */
export interface SealContext {
  table: string;
  column: string;
  id: string;
}

const toAssociatedData = (context: SealContext): Buffer =>
  Buffer.from(`${context.table}\0${context.column}\0${context.id}`);

export class SealedBox {
  readonly #keys = new Map<string, Buffer>();
  readonly #sealingKeyId: string;

  /** `keys`: base64 of 32 bytes each; the first seals, all open. */
  constructor(keys: readonly Secret[]) {
    let first: string | undefined;
    for (const key of keys) {
      const bytes = Buffer.from(key.expose(), 'base64');
      if (bytes.length !== 32) throw new Error('an encryption key must be 32 bytes');
      const id = hash('sha256', bytes, 'hex').slice(0, 8);
      this.#keys.set(id, bytes);
      first ??= id;
    }
    if (!first) throw new Error('at least one encryption key is needed');
    this.#sealingKeyId = first;
  }

  /** Text of the form `s1.<key id>.<base64url of iv, ciphertext, tag>`. */
  seal(secret: Secret, context: SealContext): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#keys.get(this.#sealingKeyId)!, iv, { authTagLength: TAG_BYTES });
    cipher.setAAD(toAssociatedData(context));
    const sealed = Buffer.concat([iv, cipher.update(secret.expose(), 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `${VERSION}.${this.#sealingKeyId}.${sealed.toString('base64url')}`;
  }

  /** Throws if the key is unknown, the text was changed, or it was sealed for another table, column or row. */
  open(sealed: string, context: SealContext): Secret {
    const [version, keyId, text] = sealed.split('.');
    const key = keyId === undefined ? undefined : this.#keys.get(keyId);
    if (version !== VERSION || !text) throw new Error('this is not a sealed value');
    if (!key) throw new Error(`sealed with key ${keyId}, which is not among ENCRYPTION_KEYS`);
    const bytes = Buffer.from(text, 'base64url');
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(toAssociatedData(context));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    return new Secret(
      decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8'),
    );
  }

  /**
   * Derives a key for another purpose from each encryption key, in their order (HKDF-SHA256, RFC 5869). The derived
   * keys change when the encryption keys do.
   */
  derive(purpose: string): Buffer[] {
    return [...this.#keys.values()].map((key) => Buffer.from(hkdfSync('sha256', key, '', `gatehouse ${purpose}`, 32)));
  }

  /** Whether `sealed` uses the key that seals now, so that resealing would change nothing. */
  isCurrent(sealed: string): boolean {
    return sealed.startsWith(`${VERSION}.${this.#sealingKeyId}.`);
  }
}
