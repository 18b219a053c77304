/** Stores data for minutes between a browser's steps. It is sealed, because the store is shared. */
import { Injectable } from '@nestjs/common';
import { SealedBox, type SealContext } from '../../platform/crypto/sealed-box.js';
import { Secret } from '../../platform/crypto/secret.js';
import { computeTokenDigestKey } from '../../platform/crypto/token-digest.js';
import { SharedState } from '../../platform/shared-state/shared-state.js';

/** A kind of note: its name and its lifetime. */
export interface StateKind<T> {
  readonly name: string;
  readonly ttlMs: number;
  /** Never set: only ties the kind to the type of its contents. */
  readonly content?: T;
}

@Injectable()
export class EncryptedStateStore {
  constructor(
    private readonly sharedState: SharedState,
    private readonly box: SealedBox,
  ) {}

  /** Stores a note. `key` may be a secret; the store sees only its digest. */
  async save<T>(kind: StateKind<T>, key: string, content: T): Promise<void> {
    const sealed = this.box.seal(new Secret(JSON.stringify(content)), createSealContext(kind, key));
    await this.sharedState.set(buildStateKey(kind, key), sealed, kind.ttlMs);
  }

  async read<T>(kind: StateKind<T>, key: string): Promise<T | null> {
    return this.#open(kind, key, await this.sharedState.get(buildStateKey(kind, key)));
  }

  /** Returns the note and removes it. Of concurrent callers, exactly one gets it. */
  async take<T>(kind: StateKind<T>, key: string): Promise<T | null> {
    return this.#open(kind, key, await this.sharedState.take(buildStateKey(kind, key)));
  }

  #open<T>(kind: StateKind<T>, key: string, sealed: string | null): T | null {
    if (sealed === null) return null;
    try {
      return JSON.parse(this.box.open(sealed, createSealContext(kind, key)).expose()) as T;
    } catch {
      // Its encryption key was removed, or it was written from outside: treated as expired.
      return null;
    }
  }
}

const buildStateKey = ({ name }: StateKind<unknown>, key: string): string =>
  `note:${name}:${computeTokenDigestKey(key)}`;

const createSealContext = ({ name }: StateKind<unknown>, key: string): SealContext => ({
  table: 'note',
  column: name,
  id: computeTokenDigestKey(key),
});
