/** The e-mail address in a token, if it proves who its bearer is in this organisation. Pure. */
import { isEmail } from 'class-validator';
import { claimAt } from './claim-path.js';
import type { IdentityProvider } from './identity-provider.js';
import type { ValidatedToken } from './validated-token.js';

/** RFC 5321 §4.5.3.1.3; also what a user's address may have. */
const LONGEST_ADDRESS = 254;
const GOOGLE = 'https://accounts.google.com';

/** `address`: in lower case. `refusal`: why there is none that could be relied on, for admins and the log. */
export type ProvenAddress = { address: string } | { refusal: string };

/**
 * An address proves somebody only if the provider has verified it and an admin trusts the provider for its domain. Names
 * that look like addresses (`upn`, `preferred_username`) are never looked at.
 */
export function provenAddress(
  { issuer, claimMapping }: Pick<IdentityProvider, 'issuer' | 'claimMapping'>,
  verifiedDomains: readonly string[],
  { email, claims }: ValidatedToken,
): ProvenAddress {
  if (email === null) return { refusal: 'the token has no e-mail address' };
  if (!email.isVerified) return { refusal: 'the provider does not say that it has verified the e-mail address' };
  const { address } = email;
  const given = claimAt(claims, claimMapping.email);
  // Beyond ASCII several letters have one lower case (the Kelvin sign is a k), so two addresses could become one.
  const isPlain = typeof given === 'string' && /^[!-~]+$/.test(given) && given.toLowerCase() === address;
  if (!isPlain || address.length > LONGEST_ADDRESS || !isEmail(address, { require_tld: false }))
    return { refusal: 'the e-mail address is not in the usual form' };
  const domain = address.slice(address.lastIndexOf('@') + 1);
  if (!verifiedDomains.includes(domain))
    return { refusal: 'the domain of the e-mail address is not among verifiedDomains' };
  // A private Google account can be made with anybody's address, and keeps it when that person has left.
  if (issuer === GOOGLE && !(typeof claims.hd === 'string' && verifiedDomains.includes(claims.hd)))
    return { refusal: 'the account is not one of your Google Workspace (hd)' };
  return { address };
}
