/**
 * Changes single members of a JSON text. Every byte outside a change is kept: numbers keep their digits, members keep
 * their order and unknown members survive.
 */
import type { EditableObject } from './editable-object.js';
import type { JsonSpan } from './members.js';
import { skipColon, skipSpace, skipString, skipValue } from './text.js';

const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;

interface Edit extends JsonSpan {
  readonly json: string;
}

/** Member of an object, or element of an array (without a name). */
interface Entry {
  /** Offset of the member's name, or of the element. */
  readonly start: number;
  name: string;
  readonly nameEnd: number;
  readonly value: JsonSpan;
  isDeleted: boolean;
  isRenamed: boolean;
  /** New value from `set`. */
  changed?: unknown;
  /** Texts that `wrap` adds before and after the value. */
  wrapping?: [before: string, after: string];
}

export class JsonEdits {
  readonly #edits: Edit[] = [];
  /** Keyed by the offset of the opening brace or bracket. */
  readonly #containers = new Map<number, Container>();

  /** @param text one JSON value, known to be well-formed (see `scanBody`) */
  constructor(readonly text: Buffer) {}

  replace({ start, end }: JsonSpan, json: string): void {
    this.#edits.push({ start, end, json });
  }

  /** Returns an editor of the object that begins at `at` (white space before it is skipped). */
  editObject(at = 0): JsonObjectEditor {
    return new JsonObjectEditor(this, this.getContainer(at));
  }

  /** For `JsonObjectEditor` alone. */
  getContainer(at: number): Container {
    const open = skipSpace(this.text, at);
    let container = this.#containers.get(open);
    if (!container) this.#containers.set(open, (container = new Container(this.text, open)));
    return container;
  }

  /**
   * Returns the text with all changes; without changes the same buffer. Changes inside a deleted or replaced value have
   * no effect.
   */
  apply(): Buffer {
    for (const container of this.#containers.values()) container.writeTo(this);
    this.#containers.clear();
    if (this.#edits.length === 0) return this.text;
    const edits = this.#edits.toSorted(compareEdits);
    const chunks: Uint8Array[] = [];
    let at = 0;
    for (const { start, end, json } of edits) {
      if (start < at) continue;
      chunks.push(this.text.subarray(at, start), Buffer.from(json));
      at = end;
    }
    chunks.push(this.text.subarray(at));
    return Buffer.concat(chunks);
  }
}

export class JsonObjectEditor implements EditableObject {
  constructor(
    private readonly edits: JsonEdits,
    private readonly container: Container,
    private readonly inArray?: Entry,
  ) {}

  listNames(): string[] {
    const names = new Set<string>();
    for (const { name, isDeleted } of this.container.entries) if (!isDeleted) names.add(name);
    return [...names];
  }

  has(name: string): boolean {
    return this.#find(name) !== undefined;
  }

  get(name: string): unknown {
    const entry = this.#find(name);
    if (!entry) return undefined;
    if ('changed' in entry) return entry.changed;
    const [before, after] = entry.wrapping ?? ['', ''];
    return JSON.parse(before + this.edits.text.toString('utf8', entry.value.start, entry.value.end) + after);
  }

  /** Returns the span of the value in the text; undefined if the member is missing or its value has changed. */
  getSpan(name: string): JsonSpan | undefined {
    const entry = this.#find(name);
    return entry && !('changed' in entry) && !entry.wrapping ? entry.value : undefined;
  }

  set(name: string, value: unknown): void {
    const entry = this.#find(name);
    if (!entry) return this.container.add(name, value);
    entry.changed = value;
    delete entry.wrapping;
  }

  rename(name: string, to: string): void {
    const entry = this.#find(name);
    if (!entry || name === to) return;
    this.delete(to);
    for (const other of this.container.entries) if (other !== entry && other.name === name) other.isDeleted = true;
    entry.name = to;
    entry.isRenamed = true;
  }

  delete(name: string): void {
    for (const entry of this.container.entries) if (entry.name === name) entry.isDeleted = true;
  }

  wrap(name: string, outer: object, inside: string): void {
    const entry = this.#find(name);
    if (!entry) return;
    const before = `${JSON.stringify(outer).slice(0, -1)},${JSON.stringify(inside)}:`;
    if ('changed' in entry) entry.changed = { ...outer, [inside]: entry.changed };
    else entry.wrapping = [before + (entry.wrapping?.[0] ?? ''), `${entry.wrapping?.[1] ?? ''}}`];
  }

  /** Deletes this object from the array that contains it. */
  remove(): void {
    if (this.inArray) this.inArray.isDeleted = true;
  }

  getObject(name: string): JsonObjectEditor | null {
    const span = this.getSpan(name);
    return span && this.edits.text[span.start] === OPEN_BRACE ? this.edits.editObject(span.start) : null;
  }

  getObjects(name: string): JsonObjectEditor[] {
    const span = this.getSpan(name);
    if (!span || this.edits.text[span.start] !== OPEN_BRACKET) return [];
    return this.edits
      .getContainer(span.start)
      .entries.filter(({ value }) => this.edits.text[value.start] === OPEN_BRACE)
      .map((entry) => new JsonObjectEditor(this.edits, this.edits.getContainer(entry.value.start), entry));
  }

  #find(name: string): Entry | undefined {
    return this.container.entries.findLast((entry) => entry.name === name && !entry.isDeleted);
  }
}

/** Placeholder span of a member that is not in the text. */
const NOWHERE: JsonSpan = { start: -1, end: -1 };

/** Members of one object, or elements of one array. */
class Container {
  readonly entries: Entry[] = [];
  readonly #close: number;

  constructor(text: Buffer, at: number) {
    const isObject = text[at] === OPEN_BRACE;
    const close = text[at]! + 2; // '}' is '{' + 2 and ']' is '[' + 2
    let i = skipSpace(text, at + 1);
    while (text[i] !== close) {
      const start = i;
      const nameEnd = isObject ? skipString(text, i) : i;
      const from = isObject ? skipSpace(text, skipColon(text, nameEnd)) : i;
      const end = skipValue(text, from);
      const name = isObject ? readName(text, start, nameEnd) : '';
      this.entries.push({ start, name, nameEnd, value: { start: from, end }, isDeleted: false, isRenamed: false });
      i = skipSpace(text, end);
      if (text[i] === COMMA) i = skipSpace(text, i + 1);
    }
    this.#close = i;
  }

  add(name: string, value: unknown): void {
    this.entries.push({
      start: -1,
      name,
      nameEnd: -1,
      value: NOWHERE,
      isDeleted: false,
      isRenamed: false,
      changed: value,
    });
  }

  /**
   * Deletes each run of adjacent entries with one of the commas around it; writes added members before the closing
   * brace.
   */
  writeTo(edits: JsonEdits): void {
    const existing = this.entries.filter(({ value }) => value !== NOWHERE);
    for (let i = 0; i < existing.length; i++) {
      const entry = existing[i]!;
      if (!entry.isDeleted) {
        if (entry.isRenamed) edits.replace({ start: entry.start, end: entry.nameEnd }, JSON.stringify(entry.name));
        if ('changed' in entry) edits.replace(entry.value, JSON.stringify(entry.changed));
        else if (entry.wrapping) wrapValue(edits, entry.value, entry.wrapping);
        continue;
      }
      const first = i;
      while (existing[i + 1]?.isDeleted) i++;
      const next = existing[i + 1];
      const before = existing[first - 1];
      const start = next || !before ? existing[first]!.start : before.value.end;
      edits.replace({ start, end: next ? next.start : existing[i]!.value.end }, '');
    }
    const added = this.entries.filter(({ value, isDeleted }) => value === NOWHERE && !isDeleted);
    if (added.length === 0) return;
    const json = added.map(({ name, changed }) => `${JSON.stringify(name)}:${JSON.stringify(changed)}`).join(',');
    const comma = existing.some(({ isDeleted }) => !isDeleted) ? ',' : '';
    edits.replace({ start: this.#close, end: this.#close }, comma + json);
  }
}

function wrapValue(edits: JsonEdits, { start, end }: JsonSpan, [before, after]: [string, string]): void {
  edits.replace({ start, end: start }, before);
  edits.replace({ start: end, end }, after);
}

/** Orders edits by their position; at the same position insertions first, then the longest change. */
function compareEdits(a: Edit, b: Edit): number {
  return a.start - b.start || Number(b.start === b.end) - Number(a.start === a.end) || b.end - a.end;
}

/** Returns a member's name, which may contain escapes. */
function readName(text: Buffer, start: number, end: number): string {
  for (let i = start; i < end; i++)
    if (text[i] === BACKSLASH) return JSON.parse(text.toString('utf8', start, end)) as string;
  return text.toString('utf8', start + 1, end - 1);
}
