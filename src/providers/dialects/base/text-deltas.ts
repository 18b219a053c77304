/** Locates the pieces of text in the events of a stream. Texts of unknown events are not pieces of longer ones. */
import type { Fields } from './token-counts.js';

export interface TextDelta {
  /** The pieces of one channel make up one text. In the form of a JSON Pointer. */
  readonly channel: string;
  /** Only one channel of a group is written at a time. */
  readonly group: string;
  readonly holder: Fields;
  readonly member: string;
}

export interface TextReading {
  readonly deltas: readonly TextDelta[];
  /** Groups whose texts end with this event; null: all. */
  readonly ends: readonly string[] | null;
}

export const NO_GROUPS: readonly string[] = [];

/** Collects the pieces of one event. */
export class DeltaCollector {
  readonly found: TextDelta[] = [];

  /** Adds the named members of the holder that are texts. */
  add(holder: Fields | undefined, path: string, group: string, members: readonly string[]): void {
    if (!holder) return;
    for (const member of members) {
      const text = holder[member];
      if (typeof text === 'string' && text !== '')
        this.found.push({ channel: `${path}/${member}`, group, holder, member });
    }
  }
}

export const toElements = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** Returns a part of a channel's name: the index that an event states, or `otherwise`. */
export const toIndex = (value: unknown, fallback: number | string = 0): string =>
  typeof value === 'number' || typeof value === 'string' ? String(value) : String(fallback);
