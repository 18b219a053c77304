import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import { createAddressNotAllowedError, type OriginPolicy } from './origin-policy.js';

/** Resolves a name to all its addresses; the default is the operating system's resolver. */
export type HostLookup = (hostname: string) => Promise<readonly LookupAddress[]>;

/**
 * Opens connections for one origin. The name is resolved once per connection, inside it: the connection uses the
 * addresses that were checked, so a name that changes between check and use (DNS rebinding) gains nothing. Node does
 * not resolve an address in the URL; that address is checked before an origin is opened, and here again.
 */
export function createPinnedConnector(
  policy: OriginPolicy,
  lookup: HostLookup,
  connectTimeoutMs: number,
): buildConnector.connector {
  const options = { lookup: createCheckedLookup(policy, lookup), timeout: connectTimeoutMs, allowH2: false };
  const connect = buildConnector(options);
  return (target, callback) => {
    if (policy.literal !== null && !policy.isAllowed([policy.literal])) {
      callback(createAddressNotAllowedError(policy, [policy.literal]), null);
      return;
    }
    connect(target, callback);
  };
}

function createCheckedLookup(policy: OriginPolicy, lookup: HostLookup): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname).then(
      (found) => {
        const addresses = found.map(({ address }) => address);
        const first = found[0];
        if (first === undefined || !policy.isAllowed(addresses))
          callback(createAddressNotAllowedError(policy, addresses), '');
        else if (options.all === true) callback(null, [...found]);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, ''),
    );
  };
}
