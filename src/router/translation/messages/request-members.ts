/** Reading a Messages request that anybody may have written: every complaint names the member's path. */
import { GatewayError } from '../../../platform/errors/gateway-error.js';
import type { JsonObject } from '../chat.js';

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function invalid(path: string, what: string): GatewayError {
  return new GatewayError('invalid_body', `${path}: ${what}`);
}

export function unsupported(path: string, what: string): GatewayError {
  return new GatewayError('unsupported_parameter', `${path}: ${what}`);
}

export function objectAt(value: unknown, path: string): JsonObject {
  if (!isObject(value)) throw invalid(path, 'must be an object.');
  return value;
}

export function listAt(value: unknown, path: string): unknown[] {
  if (!Array.isArray(value)) throw invalid(path, 'must be a list.');
  return value;
}

export function stringAt(value: unknown, path: string): string {
  if (typeof value !== 'string') throw invalid(path, 'must be a string.');
  return value;
}

export function numberAt(value: unknown, path: string): number {
  if (typeof value !== 'number') throw invalid(path, 'must be a number.');
  return value;
}

/** Content is a string or a list of blocks: as a list. An empty text says nothing and is no block. */
export function blocksAt(content: unknown, path: string): { block: JsonObject; path: string }[] {
  if (typeof content === 'string') return content === '' ? [] : [{ block: { type: 'text', text: content }, path }];
  if (!Array.isArray(content)) throw invalid(path, 'must be a string or a list of content blocks.');
  return content.map((block, i) => ({ block: objectAt(block, `${path}[${i}]`), path: `${path}[${i}]` }));
}

/** The members that were left out, each named once. Positions in lists are not told: `tools[].cache_control`. */
export class DroppedMembers {
  private readonly names = new Set<string>();

  name(member: string): void {
    this.names.add(member);
  }

  /** Names every member that is there and not among the known; null is as good as absent. */
  nameOthers(object: JsonObject, known: ReadonlySet<string>, prefix: string): void {
    for (const member in object)
      if (!known.has(member) && object[member] !== null && object[member] !== undefined)
        this.names.add(prefix + member);
  }

  list(): string[] {
    return [...this.names];
  }
}
