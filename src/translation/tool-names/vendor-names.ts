/** Replaces tool names that a vendor refuses by names that it accepts, and maps them back. */
import { createHash } from 'node:crypto';
import type { ToolNameRule } from '../../providers/contract/tool-name-rule.js';

/** 48 bits of SHA-256 in hexadecimal. */
const DIGEST_CHARS = 12;

/** The same names get the same stand-ins in every turn, so that the vendor's cache of the prompt stays valid. */
export class VendorToolNames {
  readonly #vendorNames: ReadonlyMap<string, string>;
  readonly #originals: ReadonlyMap<string, string>;

  private constructor(vendorNames: ReadonlyMap<string, string>) {
    this.#vendorNames = vendorNames;
    this.#originals = new Map([...vendorNames].map(([original, standIn]) => [standIn, original]));
  }

  /**
   * @param names all names of the request
   * @returns null where the vendor takes all of them
   */
  static create(names: Iterable<string>, rule: ToolNameRule | null): VendorToolNames | null {
    if (!rule) return null;
    const all = new Set(names);
    const refused = [...all].filter((name) => !isAccepted(rule, name));
    if (refused.length === 0) return null;
    const vendorNames = new Map<string, string>();
    for (const name of refused) {
      const standIn = findFreeName(name, rule, all);
      all.add(standIn);
      vendorNames.set(name, standIn);
    }
    return new VendorToolNames(vendorNames);
  }

  /** The name in requests to the vendor. */
  getVendorName(original: string): string {
    return this.#vendorNames.get(original) ?? original;
  }

  /** The client's name for what the vendor calls. */
  getOriginal(vendorName: string): string {
    return this.#originals.get(vendorName) ?? vendorName;
  }

  /** Vendor names that replace names of the client. */
  get standIns(): Iterable<string> {
    return this.#originals.keys();
  }
}

function isAccepted({ maxChars, refused, start }: ToolNameRule, name: string): boolean {
  return name.length <= maxChars && name.search(refused) < 0 && (start?.test(name) ?? true);
}

/** The digest of the name keeps names apart that begin alike. */
function findFreeName(name: string, rule: ToolNameRule, used: ReadonlySet<string>): string {
  let free = createStandIn(name, name, rule);
  for (let n = 2; used.has(free); n++) free = createStandIn(name, `${name}\n${n}`, rule);
  return free;
}

function createStandIn(name: string, digested: string, { maxChars, refused, start }: ToolNameRule): string {
  const digest = createHash('sha256').update(digested).digest('hex').slice(0, DIGEST_CHARS);
  const plain = name.slice(0, maxChars).replaceAll(refused, '_');
  const base = start && !start.test(plain) ? `_${plain}` : plain;
  return `${base.slice(0, maxChars - digest.length - 1)}_${digest}`;
}
