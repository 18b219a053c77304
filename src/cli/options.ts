/**
 * Validates the options of the `gatehouse` command. Each function throws InvalidArgumentError, which states what is
 * expected.
 */
import { isEmail } from 'class-validator';
import { InvalidArgumentError } from 'commander';
import { parseChainEnd } from '../audit/chain/report.js';
import type { ChainEnd } from '../audit/chain/verifier.js';
import { INSTANT, PRINTABLE } from '../admin-api/field-patterns.js';
import { SLUG } from '../orgs/organization/slug.js';

export function parseName(value: string): string {
  const name = value.trim();
  if (name.length >= 1 && name.length <= 200 && PRINTABLE.test(name)) return name;
  throw new InvalidArgumentError('A name is one line of 1 to 200 characters.');
}

export function parseSlug(value: string): string {
  if (SLUG.test(value)) return value;
  throw new InvalidArgumentError('A slug is 1 to 63 lower-case letters, digits or hyphens, with no hyphen at an end.');
}

export function parseInstant(value: string): Date {
  if (INSTANT.test(value)) return new Date(value);
  throw new InvalidArgumentError('An instant is written as 2030-01-31T12:00:00Z (RFC 3339).');
}

export function parseEnd(value: string): ChainEnd {
  const end = parseChainEnd(value);
  if (end) return end;
  throw new InvalidArgumentError('An end is <count>:<hash>, as this command prints it.');
}

export function parseEmail(value: string): string {
  const address = value.trim().toLowerCase();
  if (address.length <= 254 && PRINTABLE.test(address) && isEmail(address, { require_tld: false })) return address;
  throw new InvalidArgumentError('This is not an e-mail address.');
}
