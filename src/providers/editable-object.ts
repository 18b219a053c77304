/** One way to read and change the members of a request, whether it is parsed (here) or still the client's text (`json-edits.ts`). */

export interface EditableObject {
  /** The names of the members, each once. */
  names(): string[];
  has(name: string): boolean;
  /** The value, parsed; undefined where there is none. Of members with the same name the last one counts. */
  get(name: string): unknown;
  /** Replaces the value, or adds the member at the end. */
  set(name: string, value: unknown): void;
  /** Keeps the value under another name. A member that already has that name is deleted. */
  rename(name: string, to: string): void;
  delete(name: string): void;
  /** The value becomes the last member, called `inside`, of `outer`, which has other members. */
  wrap(name: string, outer: object, inside: string): void;
  /** The value, where it is an object. */
  object(name: string): EditableObject | null;
  /** Those elements of the value that are objects, where the value is an array. */
  objects(name: string): EditableObject[];
}

type Members = { [name: string]: unknown };

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Changes the object itself. */
export class ParsedObject implements EditableObject {
  constructor(private readonly members: Members) {}

  names(): string[] {
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

  object(name: string): EditableObject | null {
    const value = this.get(name);
    return isObject(value) ? new ParsedObject(value) : null;
  }

  objects(name: string): EditableObject[] {
    const value = this.get(name);
    return Array.isArray(value) ? value.filter(isObject).map((element) => new ParsedObject(element)) : [];
  }
}
