/** "Cyclic references may only be used within non-required properties" (ai.google.dev/api/generate-content). */
import { isObject } from '../../../pivot/body-shape.js';
import type { JsonObject } from '../../../pivot/chat.js';

const DEFINITION = '#/$defs/';

/** Removes properties that lead back to their own definition from `required`. Returns true if there were any. */
export function relaxCycles(definitions: JsonObject): boolean {
  const direct = new Map(Object.entries(definitions).map(([name, schema]) => [name, collectNames(schema)]));
  let isRelaxed = false;
  for (const [name, schema] of Object.entries(definitions)) {
    if (!reaches(direct, direct.get(name)!, name)) continue;
    const leadsBack = (property: unknown): boolean => {
      const names = collectNames(property);
      return names.has(name) || reaches(direct, names, name);
    };
    for (const node of iterateSchemas(schema)) isRelaxed = relaxRequired(node, leadsBack) || isRelaxed;
  }
  return isRelaxed;
}

function relaxRequired(node: JsonObject, leadsBack: (property: unknown) => boolean): boolean {
  const { required, properties } = node;
  if (!Array.isArray(required) || !isObject(properties)) return false;
  const remaining = required.filter((name) => !leadsBack(properties[name as string]));
  if (remaining.length === required.length) return false;
  if (remaining.length > 0) node['required'] = remaining;
  else delete node['required'];
  return true;
}

function reaches(direct: ReadonlyMap<string, Set<string>>, from: ReadonlySet<string>, target: string): boolean {
  const seen = new Set<string>();
  const pending = [...from];
  while (pending.length > 0) {
    const name = pending.pop()!;
    if (name === target) return true;
    if (seen.has(name)) continue;
    seen.add(name);
    pending.push(...(direct.get(name) ?? []));
  }
  return false;
}

function collectNames(schema: unknown): Set<string> {
  const names = new Set<string>();
  for (const { $ref: ref } of iterateSchemas(schema))
    if (typeof ref === 'string' && ref.startsWith(DEFINITION)) names.add(ref.slice(DEFINITION.length));
  return names;
}

/** Yields every object within. Also yields maps of properties, which does no harm. */
function* iterateSchemas(root: unknown): Generator<JsonObject> {
  const pending: unknown[] = [root];
  while (pending.length > 0) {
    const node = pending.pop();
    if (Array.isArray(node)) pending.push(...(node as unknown[]));
    if (!isObject(node)) continue;
    yield node;
    pending.push(...Object.values(node));
  }
}
