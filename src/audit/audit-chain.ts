/**
 * The chain of audit entries. An entry's hash is SHA-256 over the entry as the API shows it, `previousHash` included and
 * `hash` left out, in the canonical form of RFC 8785: whoever has the API's answers can check them without us.
 */
import { createHash } from 'node:crypto';
import type { AuditEntryEntity } from './audit-entry.entity.js';

/** What of an entry its hash covers, apart from its place. */
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

/** Where an entry stands in its organisation's chain: `sequence` counts from 1. */
export interface ChainPlace {
  sequence: number;
  previousHash: Buffer;
}

/** What the first entry names as the hash before it: chains of two organisations cannot change places. */
export const firstPreviousHash = (organisationId: string): Buffer => sha256(organisationId);

export function entryHash(entry: HashedEntry, { sequence, previousHash }: ChainPlace): Buffer {
  const content = Object.fromEntries(HASHED.map((member) => [member, entry[member]]));
  return sha256(canonicalJson({ ...content, sequence, previousHash: previousHash.toString('hex') }));
}

/** RFC 8785: members by their names' UTF-16 code units, no spaces, numbers and text as ECMAScript writes them. */
export function canonicalJson(value: unknown): string {
  if (value instanceof Date) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(',')}}`;
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
