/** What is remembered for minutes between a browser's steps: sealed, because the store that keeps it is shared. */
import { Injectable } from '@nestjs/common';
import { SealedBox, type SealedPlace } from '../../platform/crypto/sealed-box.js';
import { Secret } from '../../platform/crypto/secret.js';
import { tokenDigestKey } from '../../platform/crypto/token-digest.js';
import { SharedState } from '../../platform/shared-state/shared-state.js';

/** A kind of note: its name, and how long one is kept. */
export interface NoteKind<T> {
  readonly name: string;
  readonly ttlMs: number;
  /** Never there: it ties the kind to what its notes say. */
  readonly content?: T;
}

@Injectable()
export class SealedNotes {
  constructor(
    private readonly state: SharedState,
    private readonly box: SealedBox,
  ) {}

  /** `key`: may be a secret; the store sees its digest. */
  async keep<T>(kind: NoteKind<T>, key: string, content: T): Promise<void> {
    const sealed = this.box.seal(new Secret(JSON.stringify(content)), placeOf(kind, key));
    await this.state.set(keyOf(kind, key), sealed, kind.ttlMs);
  }

  async read<T>(kind: NoteKind<T>, key: string): Promise<T | null> {
    return this.#open(kind, key, await this.state.get(keyOf(kind, key)));
  }

  /** Of callers at the same time one gets it. */
  async take<T>(kind: NoteKind<T>, key: string): Promise<T | null> {
    return this.#open(kind, key, await this.state.take(keyOf(kind, key)));
  }

  #open<T>(kind: NoteKind<T>, key: string, sealed: string | null): T | null {
    if (sealed === null) return null;
    try {
      return JSON.parse(this.box.open(sealed, placeOf(kind, key)).expose()) as T;
    } catch {
      // Its encryption key was given up, or somebody else has written it: as good as expired.
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
