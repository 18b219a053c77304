/** Parses bodies whose tool-call arguments and schemas keep the spelling of their numbers (see `exact.ts`). */
import { keepsNumbers, parseExact, parseMarkedIfLossy, RawJson } from './exact.js';
import { skipColon, skipSpace, skipString, skipValue } from './text.js';

type Kind = 'raw' | 'marked';

/** Node of the path tree: how to keep the value here, or the members and elements below it. */
interface PathNode {
  kind?: Kind;
  readonly members: Map<string, PathNode>;
  elements?: PathNode;
}

/** Paths of the values to keep in one kind of body. Create it once per kind, not per call. */
export class ExactMembers {
  readonly root: PathNode = { members: new Map() };

  /**
   * Paths as in `messages[].content[].input`.
   * @param raw values that are not read: an object with a changing number becomes `RawJson`
   * @param marked objects that are read: a number that loses digits becomes a marked string
   */
  constructor({ raw = [], marked = [] }: { raw?: readonly string[]; marked?: readonly string[] }) {
    for (const path of raw) this.#add(path, 'raw');
    for (const path of marked) this.#add(path, 'marked');
  }

  #add(path: string, kind: Kind): void {
    let node = this.root;
    for (const step of path.replaceAll('[]', '.[]').split('.')) {
      if (step === '[]') node = node.elements ??= { members: new Map() };
      else {
        let next = node.members.get(step);
        if (!next) node.members.set(step, (next = { members: new Map() }));
        node = next;
      }
    }
    node.kind = kind;
  }
}

/** As `JSON.parse` of UTF-8, except for the values at these paths. @throws SyntaxError */
export function parseWithMembers(bytes: Uint8Array, { root }: ExactMembers): unknown {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const value: unknown = JSON.parse(text.toString('utf8'));
  if (typeof value === 'object' && value !== null && !keepsNumbers(text)) walk(text, skipSpace(text, 0), value, root);
  return value;
}

type Holder = Record<string, unknown>;

const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** Walks the text and its parsed `value`, which begins at `at`. Returns the offset after it. */
function walk(text: Buffer, at: number, value: unknown, node: PathNode): number {
  if (typeof value === 'object' && value !== null) {
    if (text[at] === OPEN_BRACE && node.members.size > 0) return walkMembers(text, at, value as Holder, node);
    if (text[at] === OPEN_BRACKET && node.elements) return walkElements(text, at, value as Holder, node.elements);
  }
  return skipValue(text, at);
}

function walkMembers(text: Buffer, at: number, object: Holder, { members }: PathNode): number {
  let i = skipSpace(text, at + 1);
  while (text[i] !== CLOSE_BRACE) {
    const nameEnd = skipString(text, i);
    const name = JSON.parse(text.toString('utf8', i, nameEnd)) as string;
    const start = skipSpace(text, skipColon(text, nameEnd));
    const node = members.get(name);
    i = skipSpace(text, node ? keepExact(text, start, object, name, node) : skipValue(text, start));
    if (text[i] === COMMA) i = skipSpace(text, i + 1);
  }
  return i + 1;
}

function walkElements(text: Buffer, at: number, array: Holder, node: PathNode): number {
  let i = skipSpace(text, at + 1);
  for (let n = 0; text[i] !== CLOSE_BRACKET; n++) {
    i = skipSpace(text, keepExact(text, i, array, String(n), node));
    if (text[i] === COMMA) i = skipSpace(text, i + 1);
  }
  return i + 1;
}

/** Keeps the value of a member. Of members with the same name the last counts, as for `JSON.parse`. */
function keepExact(text: Buffer, start: number, holder: Holder, name: string, node: PathNode): number {
  if (!node.kind) return walk(text, start, holder[name], node);
  const end = skipValue(text, start);
  const isContainer = text[start] === OPEN_BRACE || text[start] === OPEN_BRACKET;
  if (!isContainer) return end;
  const json = text.toString('utf8', start, end);
  if (node.kind === 'raw') {
    const exact = parseExact(json);
    if (exact instanceof RawJson || holder[name] instanceof RawJson) holder[name] = exact;
  } else if (!keepsNumbers(json)) holder[name] = parseMarkedIfLossy(json);
  return end;
}
