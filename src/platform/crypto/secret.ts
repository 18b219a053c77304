import { inspect } from 'node:util';

/**
 * A credential in memory. It prints as `[secret]` wherever it is logged, serialized or interpolated. Only `expose()`
 * returns the value, and lint allows that call in crypto, in provider adapters and in the upstream client only.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  expose(): string {
    return this.#value;
  }

  /** The last four characters; empty for a short secret, of which they would reveal a large part. */
  get last4(): string {
    return this.#value.length >= 12 ? this.#value.slice(-4) : '';
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}
