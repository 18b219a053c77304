/** Marked secrets, which can be found in any encoding. */
import { randomBytes } from 'node:crypto';

/** Returns a unique secret in the form of a vendor's key. */
export const marked = (purpose: string): string => `sk-${purpose}-${randomBytes(18).toString('hex')}`;

export class Marks {
  readonly #known = new Map<string, readonly string[]>();

  /** Forbids `secret` from now on; returns it. Short ones would be found by chance. */
  add(name: string, secret: string): string {
    if (secret.length < 12) throw new Error(`${name} is too short to be looked for`);
    this.#known.set(name, encodings(secret));
    return secret;
  }

  get names(): string[] {
    return [...this.#known.keys()];
  }

  /** Returns the names of the secrets in `text`, in any encoding. */
  in(text: string): string[] {
    const lower = text.toLowerCase();
    return this.names.filter((name) =>
      this.#known.get(name)!.some((form) => text.includes(form) || lower.includes(form.toLowerCase())),
    );
  }
}

/** Unchanged, hexadecimal, base64 at each of the three offsets within other bytes, reversed, and URL-encoded. */
function encodings(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const inBase64 = [0, 1, 2].flatMap((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    // The characters at both ends also encode neighboring bits.
    const core = text.replace(/=+$/, '').slice(offset === 0 ? 0 : 4, -1);
    return [core, core.replaceAll('+', '-').replaceAll('/', '_')];
  });
  const reversed = [...secret].reverse().join('');
  return [...new Set([secret, encodeURIComponent(secret), reversed, bytes.toString('hex'), ...inBase64])];
}
