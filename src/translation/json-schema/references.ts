/** Follows `$ref` within one JSON Schema (RFC 6901 pointers, and `$anchor` of JSON Schema 2020-12 §8.2.2). */
import { isObject } from '../pivot/body-shape.js';
import type { JsonObject } from '../pivot/chat.js';

export class SchemaReferences {
  #anchors: Map<string, JsonObject> | null = null;

  constructor(private readonly root: JsonObject) {}

  /** Returns undefined for a target that is not in this schema: in another document, or missing. */
  resolve(ref: string): JsonObject | boolean | undefined {
    const [document, fragment] = splitRef(ref);
    if (fragment === null || (document !== '' && document !== this.root['$id'])) return undefined;
    if (fragment === '') return this.root;
    const target = fragment.startsWith('/') ? this.#resolvePointer(fragment) : this.#findAnchor(fragment);
    return isObject(target) || typeof target === 'boolean' ? target : undefined;
  }

  #resolvePointer(pointer: string): unknown {
    let node: unknown = this.root;
    for (const step of pointer.slice(1).split('/')) {
      const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
      if (typeof node !== 'object' || node === null || !Object.hasOwn(node, name)) return undefined;
      node = (node as JsonObject)[name];
    }
    return node;
  }

  #findAnchor(name: string): JsonObject | undefined {
    this.#anchors ??= collectAnchors(this.root);
    return this.#anchors.get(name);
  }
}

/**
 * Splits a reference at its `#`. A bare `#`, and a reference without one to the document itself, have an empty
 * fragment. Null: the fragment cannot be decoded.
 */
function splitRef(ref: string): [document: string, fragment: string | null] {
  const hash = ref.indexOf('#');
  if (hash < 0) return [ref, ''];
  try {
    return [ref.slice(0, hash), decodeURIComponent(ref.slice(hash + 1))];
  } catch {
    return ['', null];
  }
}

function collectAnchors(root: JsonObject): Map<string, JsonObject> {
  const anchors = new Map<string, JsonObject>();
  const pending: unknown[] = [root];
  while (pending.length > 0) {
    const node = pending.pop();
    if (Array.isArray(node)) pending.push(...(node as unknown[]));
    if (!isObject(node)) continue;
    const { $anchor: name } = node;
    if (typeof name === 'string' && !anchors.has(name)) anchors.set(name, node);
    pending.push(...Object.values(node));
  }
  return anchors;
}
