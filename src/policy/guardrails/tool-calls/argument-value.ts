/**
 * Finds the value at a JSON Pointer (RFC 6901) in the arguments of a call, if every reader finds the same one. Pure.
 */
import { JsonArray, JsonLeaf, JsonObject, type JsonNode } from '../../../providers/json/tree.js';
import { foldText } from './name-patterns.js';

/**
 * `absent`: no reader finds a value. `unclear`: some readers may find one, for example under a name in another case, in
 * an element of an array, or in JSON inside a string.
 */
export type FoundValue = JsonNode | 'absent' | 'unclear';

const INDEX = /^(?:0|[1-9]\d{0,8})$/;

export function findValue(root: JsonNode, tokens: readonly string[]): FoundValue {
  let node: JsonNode = root;
  for (const token of tokens) {
    const next = resolveToken(node, token);
    if (next === 'absent' || next === 'unclear') return next;
    node = next;
  }
  return node;
}

function resolveToken(node: JsonNode, token: string): FoundValue {
  if (node instanceof JsonObject) return findMember(node, token);
  if (node instanceof JsonArray) {
    if (node.items.length === 0) return 'absent';
    return INDEX.test(token) ? (node.items[Number(token)] ?? 'absent') : 'unclear';
  }
  return node.isNull ? 'absent' : 'unclear';
}

function findMember(object: JsonObject, token: string): FoundValue {
  const folded = foldText(token);
  const candidates = object.members.filter(({ name }) => foldText(name) === folded);
  if (candidates.length === 0) return 'absent';
  return candidates.length === 1 && candidates[0]!.name === token ? candidates[0]!.value : 'unclear';
}

/** Whether an object of the tree contains a name twice. */
export function hasRepeats(node: JsonNode): boolean {
  const open: JsonNode[] = [node];
  while (open.length > 0) {
    const next = open.pop()!;
    if (next instanceof JsonLeaf) continue;
    if (next instanceof JsonArray) open.push(...next.items);
    else {
      if (next.hasRepeats) return true;
      for (const { value } of next.members) open.push(value);
    }
  }
  return false;
}
