/**
 * Interface to read and change the members of a request, whether it is parsed (here) or still the client's text
 * (`edits.ts`).
 */

export interface EditableObject {
  /** Returns the names of the members, each once. */
  listNames(): string[];
  has(name: string): boolean;
  /** Returns the parsed value, or undefined. Of members with the same name the last one counts. */
  get(name: string): unknown;
  /** Replaces the value, or adds the member at the end. */
  set(name: string, value: unknown): void;
  /** Keeps the value under another name. A member that already has that name is deleted. */
  rename(name: string, to: string): void;
  delete(name: string): void;
  /** Moves the value into `outer`, which has other members, as its last member `inside`. */
  wrap(name: string, outer: object, inside: string): void;
  /** Returns the value if it is an object. */
  getObject(name: string): EditableObject | null;
  /** Returns the elements that are objects, if the value is an array. */
  getObjects(name: string): EditableObject[];
}

type Members = { [name: string]: unknown };

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Edits the parsed object in place. */
export class ParsedObject implements EditableObject {
  constructor(private readonly members: Members) {}

  listNames(): string[] {
    return Object.keys(this.members);
  }

  has(name: string): boolean {
    return Object.hasOwn(this.members, name);
  }

  get(name: string): unknown {
    return this.has(name) ? this.members[name] : undefined;
  }

  set(name: string, value: unknown): void {
    this.members[name] = value;
  }

  rename(name: string, to: string): void {
    if (!this.has(name) || name === to) return;
    this.members[to] = this.members[name];
    delete this.members[name];
  }

  delete(name: string): void {
    delete this.members[name];
  }

  wrap(name: string, outer: object, inside: string): void {
    if (this.has(name)) this.members[name] = { ...outer, [inside]: this.members[name] };
  }

  getObject(name: string): EditableObject | null {
    const value = this.get(name);
    return isObject(value) ? new ParsedObject(value) : null;
  }

  getObjects(name: string): EditableObject[] {
    const value = this.get(name);
    return Array.isArray(value) ? value.filter(isObject).map((element) => new ParsedObject(element)) : [];
  }
}
