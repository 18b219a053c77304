/** Reading a Messages request that anybody may have written. */
import { invalid, objectAt } from '../chat/body-shape.js';
import type { JsonObject, UserPart } from '../chat.js';

export function numberAt(value: unknown, path: string): number {
  if (typeof value !== 'number') throw invalid(path, 'a number');
  return value;
}

/** Content is a string or a list of blocks: as a list. An empty text says nothing and is no block. */
export function blocksAt(content: unknown, path: string): { block: JsonObject; path: string }[] {
  if (typeof content === 'string') return content === '' ? [] : [{ block: { type: 'text', text: content }, path }];
  if (!Array.isArray(content)) throw invalid(path, 'a string or an array of content blocks');
  return content.map((block, i) => ({ block: objectAt(block, `${path}[${i}]`), path: `${path}[${i}]` }));
}

/** A lone text as a string, which every vendor takes, unless it is marked for the cache. */
export function plainContent<P extends UserPart>(parts: P[]): string | P[] {
  const first: UserPart | undefined = parts[0];
  const isPlain = parts.length === 1 && first?.type === 'text' && !('cache_control' in first);
  return isPlain ? first.text : parts;
}

/** The members that were left out, each named once. Positions in lists are not told: `tools[].cache_control`. */
export class DroppedMembers {
  private readonly names = new Set<string>();

  name(member: string): void {
    this.names.add(member);
  }

  /** Names every member that is there and not among the known; null and false are as good as absent. */
  nameOthers(object: JsonObject, known: ReadonlySet<string>, prefix: string): void {
    for (const member in object) {
      const value = object[member];
      if (!known.has(member) && value !== null && value !== undefined && value !== false)
        this.names.add(prefix + member);
    }
  }

  list(): string[] {
    return [...this.names];
  }
}
