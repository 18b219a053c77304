import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { extractEmbeddedIpv4, isMetadataAddress, isPublicAddress } from './address-rules.js';

interface Range {
  network: ipaddr.IPv4 | ipaddr.IPv6;
  prefix: number;
  port: number | null;
}

/**
 * The parsed `UPSTREAM_ALLOWED_HOSTS`: hosts that may be reached although they are private. An entry is
 *
 * - a host name (`ollama.internal`), compared as a whole and case-insensitively, without wildcards;
 * - an address (`10.1.2.3`, `fd12::1`, `[fd12::1]`) or a CIDR range (`10.1.0.0/16`);
 * - a name or an address with a port (`localhost:11434`, `[::1]:8000`), which allows that port only.
 *
 * A cloud metadata address is reached only by an entry with exactly that address, never through a name or a range: the
 * owner of a name must not be able to redirect it to the machine's credentials.
 */
export class AllowedHosts {
  readonly #names = new Set<string>();
  readonly #ranges: Range[] = [];

  /** Throws a plain Error that names the first entry that cannot be parsed: a start error. */
  constructor(entries: readonly string[]) {
    for (const entry of entries) this.#add(entry.trim());
  }

  /** Whether any entry is an address or a range, so that a name could become allowed by its addresses. */
  get hasRanges(): boolean {
    return this.#ranges.length > 0;
  }

  hasName(name: string, port: number): boolean {
    const key = removeRootDot(name);
    return this.#names.has(key) || this.#names.has(`${key}:${port}`);
  }

  /** `address` is an IP address without brackets. */
  hasAddress(address: string, port: number): boolean {
    const parsed = ipaddr.process(address);
    const isMetadata = isMetadataAddress(address);
    const listed = this.#ranges.some(
      (range) =>
        range.network.kind() === parsed.kind() &&
        (range.port === null || range.port === port) &&
        (!isMetadata || range.prefix === (parsed.kind() === 'ipv4' ? 32 : 128)) &&
        parsed.match(range.network, range.prefix),
    );
    // A listed NAT64 prefix opens public IPv4 addresses only; an embedded private address must be allowed by itself.
    const embedded = listed && parsed.kind() === 'ipv6' ? extractEmbeddedIpv4(parsed as ipaddr.IPv6) : null;
    return listed && (embedded === null || isPublicAddress(embedded) || this.hasAddress(embedded, port));
  }

  #add(entry: string): void {
    if (entry.includes('/')) {
      if (!ipaddr.isValidCIDR(entry)) throw new Error(`"${entry}" is not a CIDR range`);
      const [network, prefix] = ipaddr.parseCIDR(entry);
      this.#ranges.push({ network, prefix, port: null });
      return;
    }
    const { host, port } = splitPort(entry);
    if (isIP(host)) {
      const network = ipaddr.process(host);
      this.#ranges.push({ network, prefix: network.kind() === 'ipv4' ? 32 : 128, port });
    } else {
      this.#names.add(removeRootDot(parseHostName(host, entry)) + (port === null ? '' : `:${port}`));
    }
  }
}

function splitPort(entry: string): { host: string; port: number | null } {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(entry) ?? [];
  const host = bracketed ?? plain;
  const port = digits === undefined ? null : Number(digits);
  return host === undefined || (port ?? 1) > 65_535 ? { host: entry, port: null } : { host, port };
}

/** The name in the form of a URL (lower case, punycode), so that both sides compare alike. */
function parseHostName(name: string, entry: string): string {
  const hostname = URL.canParse(`https://${name}`) ? new URL(`https://${name}`).hostname : '';
  if (!/^[a-z0-9_-][a-z0-9._-]*$/.test(hostname) || isIP(hostname) !== 0 || /[/@?#\\]/.test(name)) {
    throw new Error(`"${entry}" is neither a host name, nor an address, nor a CIDR range`);
  }
  return hostname;
}

/** `host.` and `host` are one name to the resolver. */
function removeRootDot(name: string): string {
  return name.endsWith('.') ? name.slice(0, -1) : name;
}
