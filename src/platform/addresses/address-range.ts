/** Ranges of IP addresses, as people write them: `10.0.0.0/8`, `2001:db8::/32`, or one address. Pure. */
import ipaddr from 'ipaddr.js';

export interface AddressRange {
  readonly network: ipaddr.IPv4 | ipaddr.IPv6;
  /** Bits. */
  readonly prefix: number;
}

const MAPPED_BITS = 96;

/**
 * Returns null for text that is neither an address nor a range. An IPv4-mapped IPv6 range (RFC 4291 §2.5.5.2) becomes
 * the IPv4 range.
 */
export function parseAddressRange(text: string): AddressRange | null {
  // Short and unusual forms (`10.1`, `0x7f.1`) mean different things to different programs.
  if (!text.includes(':') && !/^\d+\.\d+\.\d+\.\d+(?:\/\d+)?$/.test(text)) return null;
  if (text.includes('%')) return null;
  const cidr = text.includes('/');
  if (cidr ? !ipaddr.isValidCIDR(text) : !ipaddr.isValid(text)) return null;
  const address = cidr ? null : ipaddr.parse(text);
  const [network, prefix] = address ? [address, address.kind() === 'ipv4' ? 32 : 128] : ipaddr.parseCIDR(text);
  if (network instanceof ipaddr.IPv6 && network.isIPv4MappedAddress() && prefix >= MAPPED_BITS) {
    return { network: network.toIPv4Address(), prefix: prefix - MAPPED_BITS };
  }
  return { network, prefix };
}

/** Whether the address lies in one of the ranges. False for text that is not an address. */
export function isWithin(ranges: readonly AddressRange[], address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  return ranges.some(({ network, prefix }) => network.kind() === parsed.kind() && parsed.match(network, prefix));
}
