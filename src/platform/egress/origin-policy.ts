import { isIP } from 'node:net';
import type { GatewayErrorOptions } from '../errors/gateway-error.js';
import { GatewayError } from '../errors/gateway-error.js';
import { isMetadataAddress, isPublicAddress } from '../addresses/address-rules.js';
import type { AllowedHosts } from '../addresses/allowed-hosts.js';

const LISTING = 'An administrator can list its host or address in UPSTREAM_ALLOWED_HOSTS.';

/** Why a URL is refused: a stable reason for the log and a sentence for the person who entered the URL. */
export interface UrlRefusal {
  reason: 'url_not_allowed' | 'address_not_allowed';
  detail: string;
}

/**
 * Decides which addresses one origin may connect to.
 *
 * - A host listed by name: any scheme and port, any address except cloud metadata.
 * - Every address of the host is listed (or is the literal in the URL): any scheme and port.
 * - Otherwise https on 443, and every address public or listed. One refused address refuses the host: a DNS answer
 *   that mixes public and private addresses has no honest use.
 */
export class OriginPolicy {
  readonly hostname: string;
  readonly port: number;
  /** The IP address in the URL, for which no name is ever resolved. */
  readonly literal: string | null;
  readonly #isStandard: boolean;
  readonly #isListedByName: boolean;

  constructor(
    readonly url: URL,
    private readonly allowed: AllowedHosts,
  ) {
    this.hostname = url.hostname.replace(/^\[|\]$/g, '');
    this.port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
    this.literal = isIP(this.hostname) === 0 ? null : this.hostname;
    this.#isStandard = url.protocol === 'https:' && this.port === 443;
    this.#isListedByName = this.literal === null && allowed.hasName(this.hostname, this.port);
  }

  /** Checks everything that needs no name resolution. Null if the URL passes. */
  findRefusal(): UrlRefusal | null {
    if (this.url.protocol !== 'https:' && this.url.protocol !== 'http:') {
      return { reason: 'url_not_allowed', detail: 'The URL must begin with https://.' };
    }
    if (this.url.username !== '' || this.url.password !== '') {
      return { reason: 'url_not_allowed', detail: 'The URL must not contain a user name or password.' };
    }
    if (this.literal !== null) {
      if (this.isAllowed([this.literal])) return null;
      return this.#isStandard || !isPublicAddress(this.literal) ? createAddressRefusal() : this.#createSchemeRefusal();
    }
    // A name may resolve to a listed range; that is checked when it is resolved.
    return this.#isStandard || this.#isListedByName || this.allowed.hasRanges ? null : this.#createSchemeRefusal();
  }

  /** Whether a connection may go to any of these addresses, which are all that the host name resolved to. */
  isAllowed(addresses: readonly string[]): boolean {
    const isListed = (address: string) => this.allowed.hasAddress(address, this.port);
    if (addresses.length === 0) return false;
    if (addresses.every(isListed)) return true;
    if (this.#isListedByName) return addresses.every((address) => !isMetadataAddress(address));
    return this.#isStandard && addresses.every((address) => isPublicAddress(address) || isListed(address));
  }

  #createSchemeRefusal(): UrlRefusal {
    const subject = this.url.protocol === 'http:' ? 'http is' : 'A port other than 443 is';
    return { reason: 'url_not_allowed', detail: `${subject} allowed only for hosts in UPSTREAM_ALLOWED_HOSTS.` };
  }
}

function createAddressRefusal(): UrlRefusal {
  return { reason: 'address_not_allowed', detail: `The address of this host is not a public one. ${LISTING}` };
}

/** Error for a connection whose host resolved to a refused address. The addresses go to the log only. */
export function createAddressNotAllowedError(policy: OriginPolicy, addresses: readonly string[]): GatewayError {
  const options: GatewayErrorOptions = {
    reason: 'address_not_allowed',
    internal: `${policy.url.host} is or resolves to ${addresses.join(', ')}`,
  };
  return new GatewayError('upstream_unreachable', createAddressRefusal().detail, options);
}
