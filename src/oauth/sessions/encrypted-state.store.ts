/** Stores data for minutes between a browser's steps. It is sealed, because the store is shared. */
import { Injectable } from '@nestjs/common';
import { SealedBox, type SealedPlace } from '../../platform/crypto/sealed-box.js';
import { Secret } from '../../platform/crypto/secret.js';
import { tokenDigestKey } from '../../platform/crypto/token-digest.js';
import { SharedState } from '../../platform/shared-state/shared-state.js';

/** A kind of note: its name and its lifetime. */
export interface NoteKind<T> {
  readonly name: string;
  readonly ttlMs: number;
  /** Never set: only ties the kind to the type of its contents. */
  readonly content?: T;
}

@Injectable()
export class SealedNotes {
  constructor(
    private readonly state: SharedState,
    private readonly box: SealedBox,
  ) {}

  /** Stores a note. `key` may be a secret; the store sees only its digest. */
  async keep<T>(kind: NoteKind<T>, key: string, content: T): Promise<void> {
    const sealed = this.box.seal(new Secret(JSON.stringify(content)), placeOf(kind, key));
    await this.state.set(keyOf(kind, key), sealed, kind.ttlMs);
  }

  async read<T>(kind: NoteKind<T>, key: string): Promise<T | null> {
    return this.#open(kind, key, await this.state.get(keyOf(kind, key)));
  }

  /** Returns the note and removes it. Of concurrent callers, exactly one gets it. */
  async take<T>(kind: NoteKind<T>, key: string): Promise<T | null> {
    return this.#open(kind, key, await this.state.take(keyOf(kind, key)));
  }

  #open<T>(kind: NoteKind<T>, key: string, sealed: string | null): T | null {
    if (sealed === null) return null;
    try {
      return JSON.parse(this.box.open(sealed, placeOf(kind, key)).expose()) as T;
    } catch {
      // Its encryption key was removed, or it was written from outside: treated as expired.
      return null;
    }
  }
}

const keyOf = ({ name }: NoteKind<unknown>, key: string): string => `note:${name}:${tokenDigestKey(key)}`;

const placeOf = ({ name }: NoteKind<unknown>, key: string): SealedPlace => ({
  table: 'note',
  column: name,
  id: tokenDigestKey(key),
});
