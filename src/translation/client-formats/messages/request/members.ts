/** Reads members of an untrusted Messages request. */
import { createInvalidBodyError, readObject } from '../../../pivot/body-shape.js';
import type { JsonObject, UserPart } from '../../../pivot/chat.js';

export function readNumber(value: unknown, path: string): number {
  if (typeof value !== 'number') throw createInvalidBodyError(path, 'a number');
  return value;
}

/** Returns content, a string or a list of blocks, as a list. An empty text becomes an empty list. */
export function readBlocks(content: unknown, path: string): { block: JsonObject; path: string }[] {
  if (typeof content === 'string') return content === '' ? [] : [{ block: { type: 'text', text: content }, path }];
  if (!Array.isArray(content)) throw createInvalidBodyError(path, 'a string or an array of content blocks');
  return content.map((block, i) => ({ block: readObject(block, `${path}[${i}]`), path: `${path}[${i}]` }));
}

/** Returns a single text as a string, which every vendor accepts, unless it is marked for the cache. */
export function simplifyContent<P extends UserPart>(parts: P[]): string | P[] {
  const first: UserPart | undefined = parts[0];
  const isPlain = parts.length === 1 && first?.type === 'text' && !('cache_control' in first);
  return isPlain ? first.text : parts;
}

/** Members that were left out, each named once. Names omit positions in lists: `tools[].cache_control`. */
export class DroppedMembers {
  readonly #names = new Set<string>();

  add(member: string): void {
    this.#names.add(member);
  }

  /** Names every member that is present and unknown. Null and false count as absent. */
  addOthers(object: JsonObject, known: ReadonlySet<string>, prefix: string): void {
    for (const member in object) {
      const value = object[member];
      if (!known.has(member) && value !== null && value !== undefined && value !== false)
        this.#names.add(prefix + member);
    }
  }

  list(): string[] {
    return [...this.#names];
  }
}
