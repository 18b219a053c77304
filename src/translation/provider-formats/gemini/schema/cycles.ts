/** "Cyclic references may only be used within non-required properties" (ai.google.dev/api/generate-content). */
import { isObject } from '../../../pivot/body-shape.js';
import type { JsonObject } from '../../../pivot/chat.js';

const DEFINITION = '#/$defs/';

/** Removes properties that lead back to their own definition from `required`. Returns true if there were any. */
export function relaxCycles(definitions: JsonObject): boolean {
  const direct = new Map(Object.entries(definitions).map(([name, schema]) => [name, namesIn(schema)]));
  let isRelaxed = false;
  for (const [name, schema] of Object.entries(definitions)) {
    if (!reaches(direct, direct.get(name)!, name)) continue;
    const leadsBack = (property: unknown): boolean => {
      const names = namesIn(property);
      return names.has(name) || reaches(direct, names, name);
    };
    for (const node of schemasIn(schema)) isRelaxed = relax(node, leadsBack) || isRelaxed;
  }
  return isRelaxed;
}

function relax(node: JsonObject, leadsBack: (property: unknown) => boolean): boolean {
  const { required, properties } = node;
  if (!Array.isArray(required) || !isObject(properties)) return false;
  const kept = required.filter((name) => !leadsBack(properties[name as string]));
  if (kept.length === required.length) return false;
  if (kept.length > 0) node['required'] = kept;
  else delete node['required'];
  return true;
}

function reaches(direct: ReadonlyMap<string, Set<string>>, from: ReadonlySet<string>, wanted: string): boolean {
  const seen = new Set<string>();
  const open = [...from];
  while (open.length > 0) {
    const name = open.pop()!;
    if (name === wanted) return true;
    if (seen.has(name)) continue;
    seen.add(name);
    open.push(...(direct.get(name) ?? []));
  }
  return false;
}

function namesIn(schema: unknown): Set<string> {
  const names = new Set<string>();
  for (const { $ref: ref } of schemasIn(schema))
    if (typeof ref === 'string' && ref.startsWith(DEFINITION)) names.add(ref.slice(DEFINITION.length));
  return names;
}

/** Yields every object within. Also yields maps of properties, which does no harm. */
function* schemasIn(root: unknown): Generator<JsonObject> {
  const open: unknown[] = [root];
  while (open.length > 0) {
    const node = open.pop();
    if (Array.isArray(node)) open.push(...(node as unknown[]));
    if (!isObject(node)) continue;
    yield node;
    open.push(...Object.values(node));
  }
}
