/** Secrets that can be found again, in whatever encoding they come to light. */
import { randomBytes } from 'node:crypto';

/** What a vendor's key could look like; no two are alike. */
export const marked = (purpose: string): string => `sk-${purpose}-${randomBytes(18).toString('hex')}`;

export class Marks {
  readonly #known = new Map<string, readonly string[]>();

  /** From now on `secret` must not be found; gives it back. Short ones would be found by chance. */
  add(name: string, secret: string): string {
    if (secret.length < 12) throw new Error(`${name} is too short to be looked for`);
    this.#known.set(name, encodings(secret));
    return secret;
  }

  get names(): string[] {
    return [...this.#known.keys()];
  }

  /** Names of the secrets that stand in `text`, however encoded. */
  in(text: string): string[] {
    const lower = text.toLowerCase();
    return this.names.filter((name) =>
      this.#known.get(name)!.some((form) => text.includes(form) || lower.includes(form.toLowerCase())),
    );
  }
}

/** As it is, in hexadecimal digits, in base64 at each of the three places it can begin at within other bytes, reversed, URL-encoded. */
function encodings(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const inBase64 = [0, 1, 2].flatMap((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    // The characters at either end are made of neighbouring bits as well.
    const core = text.replace(/=+$/, '').slice(offset === 0 ? 0 : 4, -1);
    return [core, core.replaceAll('+', '-').replaceAll('/', '_')];
  });
  const reversed = [...secret].reverse().join('');
  return [...new Set([secret, encodeURIComponent(secret), reversed, bytes.toString('hex'), ...inBase64])];
}
