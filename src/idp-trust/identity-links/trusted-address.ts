/** Extracts the e-mail address of a token if it proves its bearer's identity in this organization. Pure. */
import { isEmail } from 'class-validator';
import { readClaim } from '../trusted-issuer/claim-path.js';
import type { IdentityProvider } from '../trusted-issuer/identity-provider.js';
import type { ValidatedToken } from '../trusted-issuer/validated-token.js';

/** RFC 5321 §4.5.3.1.3; also the limit for a user's address. */
const MAX_ADDRESS_LENGTH = 254;
const GOOGLE = 'https://accounts.google.com';

/** `address`: in lower case. `refusal`: why no address is reliable, for admins and the log. */
export type TrustedAddress = { address: string } | { refusal: string };

/**
 * An address is proof only if the provider has verified it and an admin trusts the provider for its domain. Names that
 * look like addresses (`upn`, `preferred_username`) are never used.
 */
export function readTrustedAddress(
  { issuer, claimMapping }: Pick<IdentityProvider, 'issuer' | 'claimMapping'>,
  verifiedDomains: readonly string[],
  { email, claims }: ValidatedToken,
): TrustedAddress {
  if (email === null) return { refusal: 'the token has no e-mail address' };
  if (!email.isVerified) return { refusal: 'the provider does not say that it has verified the e-mail address' };
  const { address } = email;
  const emailClaim = readClaim(claims, claimMapping.email);
  // Beyond ASCII several letters share one lower case (the Kelvin sign becomes k), so two addresses could become one.
  const isPlain = typeof emailClaim === 'string' && /^[!-~]+$/.test(emailClaim) && emailClaim.toLowerCase() === address;
  if (!isPlain || address.length > MAX_ADDRESS_LENGTH || !isEmail(address, { require_tld: false }))
    return { refusal: 'the e-mail address is not in the usual form' };
  const domain = address.slice(address.lastIndexOf('@') + 1);
  if (!verifiedDomains.includes(domain))
    return { refusal: 'the domain of the e-mail address is not among verifiedDomains' };
  // A private Google account can be created with any address, and keeps it after its holder has left the company.
  if (issuer === GOOGLE && !(typeof claims.hd === 'string' && verifiedDomains.includes(claims.hd)))
    return { refusal: 'the account is not one of your Google Workspace (hd)' };
  return { address };
}
