import ipaddr from 'ipaddr.js';

/**
 * Addresses at which a cloud issues credentials or configuration to any process inside it: AWS, GCP, Azure and others
 * (169.254.169.254, fd00:ec2::254, fd20:ce::254), AWS ECS and EKS (169.254.170.2 and .23, fd00:ec2::23), Azure's
 * WireServer (168.63.129.16, which looks public), Alibaba (100.100.100.200), Oracle (192.0.0.192).
 */
const METADATA_ADDRESSES: ReadonlySet<string> = new Set(
  [
    '169.254.169.254',
    '169.254.170.2',
    '169.254.170.23',
    '168.63.129.16',
    '100.100.100.200',
    '192.0.0.192',
    'fd00:ec2::254',
    'fd00:ec2::23',
    'fd20:ce::254',
  ].map((address) => ipaddr.parse(address).toString()),
);

/** RFC 4291 §2.5.4: the only block from which global unicast IPv6 addresses are assigned. */
const GLOBAL_UNICAST: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3];

/**
 * Whether an address is an ordinary public one. Everything else is refused unless listed: private, loopback, link-local,
 * shared (CGNAT), unique local, multicast, unspecified, broadcast, documentation, benchmarking and reserved ranges
 * (RFC 6890), cloud metadata, and every IPv6 form that carries an IPv4 address (mapped, compatible, NAT64, 6to4, Teredo),
 * since what it reaches depends on the network.
 *
 * @param address an IP address without brackets; anything else is not public
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address) || isMetadataAddress(address)) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== 'unicast') return false;
  return parsed.kind() === 'ipv4' || parsed.match(GLOBAL_UNICAST);
}

/** Whether an address is, or carries, a cloud metadata address. */
export function isMetadataAddress(address: string): boolean {
  const parsed = ipaddr.parse(address);
  const embedded = parsed.kind() === 'ipv6' ? extractEmbeddedIpv4(parsed as ipaddr.IPv6) : null;
  return METADATA_ADDRESSES.has(removeZone(parsed)) || (embedded !== null && METADATA_ADDRESSES.has(embedded));
}

/** The IPv4 address that an IPv6 address carries, or null. */
export function extractEmbeddedIpv4(address: ipaddr.IPv6): string | null {
  const bytes = address.toByteArray();
  const formatIpv4At = (offset: number, mask = 0) =>
    bytes
      .slice(offset, offset + 4)
      .map((byte) => byte ^ mask)
      .join('.');
  // RFC 4291 §2.5.5.1, deprecated: ::a.b.c.d. The unspecified and the loopback address look the same and stay themselves.
  if (bytes.slice(0, 12).every((byte) => byte === 0) && (bytes[12] !== 0 || bytes[13] !== 0)) return formatIpv4At(12);
  switch (address.range()) {
    case 'ipv4Mapped': // RFC 4291 §2.5.5.2
    case 'rfc6145': // ::ffff:0:a.b.c.d
    case 'rfc6052': // NAT64, RFC 6052 §2.2 with a /96 prefix, which RFC 8215 networks use too
      return formatIpv4At(12);
    case '6to4': // RFC 3056 §2
      return formatIpv4At(2);
    case 'teredo': // RFC 4380 §4: the client's address, bits inverted
      return formatIpv4At(12, 0xff);
    default:
      return null;
  }
}

/** `fe80::1%eth0` is `fe80::1` to every rule here. */
function removeZone(address: ipaddr.IPv4 | ipaddr.IPv6): string {
  return address.toString().replace(/%.*$/, '');
}
