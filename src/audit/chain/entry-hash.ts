/**
 * The chain of audit entries. An entry's hash is SHA-256 over the entry as the API returns it, with `previousHash` and
 * without `hash`, in the canonical form of RFC 8785. Anyone with the API's responses can verify the chain
 * independently.
 */
import { createHash } from 'node:crypto';
import type { AuditEntryEntity } from '../entries/audit-entry.entity.js';

/** Members of an entry that its hash covers, except for its position. */
const HASHED = [
  'id',
  'createdAt',
  'actorType',
  'actorId',
  'credentialId',
  'action',
  'targetType',
  'targetId',
  'before',
  'after',
  'requestId',
  'clientAddress',
] as const;

export type HashedEntry = Pick<AuditEntryEntity, (typeof HASHED)[number]>;

/** Position of an entry in its organization's chain: `sequence` counts from 1. */
export interface ChainPosition {
  sequence: number;
  previousHash: Buffer;
}

/** `previousHash` of the first entry. It depends on the organization, so two chains cannot be swapped. */
export const computeFirstPreviousHash = (organizationId: string): Buffer => hashSha256(organizationId);

export function computeEntryHash(entry: HashedEntry, { sequence, previousHash }: ChainPosition): Buffer {
  const content = Object.fromEntries(HASHED.map((member) => [member, entry[member]]));
  return hashSha256(toCanonicalJson({ ...content, sequence, previousHash: previousHash.toString('hex') }));
}

/**
 * Serializes by RFC 8785: members sorted by the UTF-16 code units of their names, no spaces, numbers and text as in
 * ECMAScript.
 */
export function toCanonicalJson(value: unknown): string {
  if (value instanceof Date) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(toCanonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${toCanonicalJson(member)}`).join(',')}}`;
}

const hashSha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
