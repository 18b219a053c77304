/**
 * JSON (RFC 8259) as a tree that keeps every number and string as written, for documents that are read and changed:
 * integers keep their digits, escapes stay, and repeated names are detected.
 */
import { JsonFault, MAX_DEPTH } from './text.js';

export type JsonNode = JsonObject | JsonArray | JsonLeaf;

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORDS = ['true', 'false', 'null'] as const;
const BYTE_ORDER_MARK = '\ufeff';

/** String, number, `true`, `false` or `null`. */
export class JsonLeaf {
  constructor(readonly raw: string) {}

  get isNull(): boolean {
    return this.raw === 'null';
  }

  get isString(): boolean {
    return this.raw.startsWith('"');
  }

  get isNumber(): boolean {
    return /^[-\d]/.test(this.raw);
  }

  /** The decoded string; null if the leaf is not a string. @throws JsonFault on a bad escape or a control character */
  get text(): string | null {
    return this.isString ? decodeString(this.raw) : null;
  }
}

export class JsonArray {
  constructor(readonly items: JsonNode[] = []) {}
}

interface JsonMember {
  readonly name: string;
  /** Name with its quotes, as written. */
  readonly raw: string;
  value: JsonNode;
}

export class JsonObject {
  constructor(readonly members: JsonMember[] = []) {}

  /** Returns the value of a member. @throws JsonFault for a repeated name: readers differ in which value they take */
  get(name: string): JsonNode | undefined {
    let found: JsonMember | undefined;
    for (const member of this.members) {
      if (member.name !== name) continue;
      if (found) throw new JsonFault(`a second "${name}"`, 0);
      found = member;
    }
    return found?.value;
  }

  has(name: string): boolean {
    return this.members.some((member) => member.name === name);
  }

  set(name: string, value: JsonNode): void {
    const member = this.members.find((one) => one.name === name);
    if (member) member.value = value;
    else this.members.push({ name, raw: JSON.stringify(name), value });
  }

  delete(name: string): void {
    const { members } = this;
    for (let i = members.length - 1; i >= 0; i--) if (members[i]!.name === name) members.splice(i, 1);
  }

  /** Whether a name is repeated. */
  get hasRepeats(): boolean {
    return new Set(this.members.map(({ name }) => name)).size < this.members.length;
  }

  /** Returns the named member if it is an object. */
  getObject(name: string): JsonObject | undefined {
    const value = this.get(name);
    return value instanceof JsonObject ? value : undefined;
  }

  /** Returns the elements of the named member; empty if it is not an array. */
  getItems(name: string): readonly JsonNode[] {
    const value = this.get(name);
    return value instanceof JsonArray ? value.items : [];
  }

  /** Returns the named member if it is a string. */
  getText(name: string): string | undefined {
    const value = this.get(name);
    return value instanceof JsonLeaf ? (value.text ?? undefined) : undefined;
  }

  /** Returns the named member if it is a whole number that can be an index. */
  getIndex(name: string): number | undefined {
    const value = this.get(name);
    return value instanceof JsonLeaf && /^\d{1,9}$/.test(value.raw) ? Number(value.raw) : undefined;
  }

  /** Whether the member is present and not null. */
  isSet(name: string): boolean {
    const value = this.get(name);
    return value !== undefined && !(value instanceof JsonLeaf && value.isNull);
  }
}

/** Returns the objects among some nodes, with their positions. */
export function listObjects(nodes: readonly JsonNode[]): [number, JsonObject][] {
  return nodes.flatMap((node, i): [number, JsonObject][] => (node instanceof JsonObject ? [[i, node]] : []));
}

/** Converts a JavaScript value to a tree. */
export function toJsonNode(value: unknown): JsonNode {
  if (Array.isArray(value)) return new JsonArray(value.map(toJsonNode));
  if (typeof value !== 'object' || value === null) return new JsonLeaf(JSON.stringify(value));
  if (value instanceof JsonObject || value instanceof JsonArray || value instanceof JsonLeaf) return value;
  const object = new JsonObject();
  for (const [name, member] of Object.entries(value))
    if (member !== undefined) object.members.push({ name, raw: JSON.stringify(name), value: toJsonNode(member) });
  return object;
}

export const toJsonObject = (value: object): JsonObject => toJsonNode(value) as JsonObject;

/** Copies a tree; the leaves are shared. */
export function copyObject(object: JsonObject): JsonObject {
  return copyNode(object) as JsonObject;
}

function copyNode(node: JsonNode): JsonNode {
  if (node instanceof JsonLeaf) return node;
  if (node instanceof JsonArray) return new JsonArray(node.items.map(copyNode));
  return new JsonObject(node.members.map((member) => ({ ...member, value: copyNode(member.value) })));
}

/** Writes the tree as JSON, without white space between its parts. */
export function writeJsonTree(node: JsonNode): string {
  if (node instanceof JsonLeaf) return node.raw;
  if (node instanceof JsonArray) return `[${node.items.map(writeJsonTree).join(',')}]`;
  return `{${node.members.map(({ raw, value }) => `${raw}:${writeJsonTree(value)}`).join(',')}}`;
}

/** Parses one JSON value, with white space or a byte order mark around it. @throws JsonFault */
export function parseJsonTree(json: string): JsonNode {
  const reader = new TreeReader(json);
  const value = reader.readValue();
  if (!reader.isAtEnd()) throw new JsonFault('something after the end of the value', reader.at);
  return value;
}

/**
 * Parses consecutive JSON values: lines of a stream in a response that was not requested as a stream. @throws JsonFault
 */
export function parseJsonSequence(json: string): JsonNode[] {
  const reader = new TreeReader(json);
  const values: JsonNode[] = [];
  while (!reader.isAtEnd()) values.push(reader.readValue());
  return values;
}

class TreeReader {
  at: number;
  #depth = 0;

  constructor(private readonly json: string) {
    this.at = json.startsWith(BYTE_ORDER_MARK) ? 1 : 0;
  }

  isAtEnd(): boolean {
    this.#skipSpace();
    return this.at >= this.json.length;
  }

  readValue(): JsonNode {
    this.#skipSpace();
    switch (this.json[this.at]) {
      case '{':
        return this.#readObject();
      case '[':
        return this.#readArray();
      case '"':
        return new JsonLeaf(this.#readString());
      default:
        return new JsonLeaf(this.#readScalar());
    }
  }

  #readObject(): JsonObject {
    const object = new JsonObject();
    this.#open();
    if (this.#skipMark('}')) return this.#close(object);
    do {
      this.#skipSpace();
      if (this.json[this.at] !== '"') throw new JsonFault('a member name in double quotes is missing', this.at);
      const raw = this.#readString();
      if (!this.#skipMark(':')) throw new JsonFault('a colon is missing', this.at);
      object.members.push({ name: decodeString(raw), raw, value: this.readValue() });
    } while (this.#skipMark(','));
    if (!this.#skipMark('}')) throw new JsonFault('a comma or a closing brace is missing', this.at);
    return this.#close(object);
  }

  #readArray(): JsonArray {
    const array = new JsonArray();
    this.#open();
    if (this.#skipMark(']')) return this.#close(array);
    do array.items.push(this.readValue());
    while (this.#skipMark(','));
    if (!this.#skipMark(']')) throw new JsonFault('a comma or a closing bracket is missing', this.at);
    return this.#close(array);
  }

  #open(): void {
    if (++this.#depth > MAX_DEPTH) throw new JsonFault(`nesting deeper than ${MAX_DEPTH}`, this.at);
    this.at++;
  }

  #close<T>(container: T): T {
    this.#depth--;
    return container;
  }

  #skipMark(mark: string): boolean {
    this.#skipSpace();
    if (this.json[this.at] !== mark) return false;
    this.at++;
    return true;
  }

  #readString(): string {
    const { json, at } = this;
    for (let quote = json.indexOf('"', at + 1); quote >= 0; quote = json.indexOf('"', quote + 1)) {
      let run = quote;
      while (json.charCodeAt(run - 1) === 0x5c) run--;
      if ((quote - run) % 2 === 1) continue;
      this.at = quote + 1;
      return json.slice(at, this.at);
    }
    throw new JsonFault('a string that does not end', at);
  }

  #readScalar(): string {
    const { json, at } = this;
    const word = WORDS.find((one) => json.startsWith(one, at));
    NUMBER.lastIndex = at;
    const raw = word ?? NUMBER.exec(json)?.[0];
    if (raw === undefined) throw new JsonFault('something that is not a JSON value', at);
    this.at = at + raw.length;
    return raw;
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.json.charCodeAt(this.at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.at++;
    }
  }
}

function decodeString(raw: string): string {
  if (!raw.includes('\\') && !hasControl(raw)) return raw.slice(1, -1);
  try {
    return JSON.parse(raw) as string;
  } catch {
    throw new JsonFault('a string with a bad escape', 0);
  }
}

const CONTROL = /[\u0000-\u001f]/;
const hasControl = (raw: string): boolean => CONTROL.test(raw);
