/** The secrets of virtual keys: generated here, stored as digests, returned once. */
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { computeTokenDigest } from '../../platform/crypto/token-digest.js';
import { mintToken } from '../../platform/crypto/token-mint.js';
import { VirtualKeySecretEntity } from './virtual-key-secret.entity.js';

/** `arch_` and seven more: enough to recognize a key by, and no help in guessing the rest. */
const SHOWN_CHARACTERS = 12;

export interface MintedSecret {
  /** Appears only in the response that shows it. */
  value: string;
  tokenStart: string;
}

@Injectable()
export class VirtualKeySecretStore {
  async mint(manager: EntityManager, virtualKeyId: string, at: Date): Promise<MintedSecret> {
    // The only place where a virtual key is plain text: its digest is taken, and its creator is shown it once.

    const value = mintToken('arch_').expose();
    await manager.insert(VirtualKeySecretEntity, {
      digest: computeTokenDigest(value),
      virtualKeyId,
      notAfter: null,
      createdAt: at,
    });
    return { value, tokenStart: value.slice(0, SHOWN_CHARACTERS) };
  }

  /**
   * Ends the live secrets at `until`, or earlier if they already expire earlier; deletes those that have expired by
   * `now`.
   */
  async retire(manager: EntityManager, virtualKeyId: string, until: Date, now: Date): Promise<void> {
    await manager.query(
      'UPDATE virtual_key_secret SET not_after = LEAST(COALESCE(not_after, $2::timestamptz), $2::timestamptz) WHERE virtual_key_id = $1',
      [virtualKeyId, until],
    );
    await manager.query('DELETE FROM virtual_key_secret WHERE virtual_key_id = $1 AND not_after <= $2::timestamptz', [
      virtualKeyId,
      now,
    ]);
  }
}
