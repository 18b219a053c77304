/** Inlines the references of a JSON Schema, for models that support neither `$ref` nor `$defs`. */
import { isObject } from '../pivot/body-shape.js';
import type { JsonObject } from '../pivot/chat.js';
import { SchemaReferences } from './references.js';

/** Limits the growth by copied definitions. */
const MAX_NODES = 20_000;
const MAX_DEPTH = 100;

/**
 * Returns the schema with definitions in place of references. Keywords beside a reference have precedence over its
 * target. Calls `lose` for a reference that leads nowhere, back to itself, or to more than can be copied: any value is
 * allowed there. Returns the same object if it contains no references.
 */
export function inlineReferences(schema: JsonObject, reportLoss: () => void): JsonObject {
  if (!hasReference(schema)) return schema;
  const references = new SchemaReferences(schema);
  const expanding = new Set<string>();
  let nodes = 0;
  const copy = (node: unknown, depth: number): unknown => {
    if (Array.isArray(node)) return node.map((each) => copy(each, depth + 1));
    if (!isObject(node)) return node;
    if (++nodes > MAX_NODES || depth > MAX_DEPTH) {
      reportLoss();
      return {};
    }
    const { $ref: ref, $defs: _defs, definitions: _older, ...others } = node;
    const siblings = Object.fromEntries(Object.entries(others).map(([name, value]) => [name, copy(value, depth + 1)]));
    if (typeof ref !== 'string') return siblings;
    const target = expanding.has(ref) ? undefined : references.resolve(ref);
    if (!isObject(target)) {
      reportLoss();
      return siblings;
    }
    expanding.add(ref);
    const copied = copy(target, depth + 1) as JsonObject;
    expanding.delete(ref);
    return { ...copied, ...siblings };
  };
  return copy(schema, 0) as JsonObject;
}

function hasReference(root: JsonObject): boolean {
  const pending: unknown[] = [root];
  while (pending.length > 0) {
    const node = pending.pop();
    if (Array.isArray(node)) pending.push(...(node as unknown[]));
    if (!isObject(node)) continue;
    if (typeof node['$ref'] === 'string') return true;
    pending.push(...Object.values(node));
  }
  return false;
}
