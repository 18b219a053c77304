/**
 * Names of spool files: `<begun>-<random>~<host>~<pid>~<start>~<token>.ndjson`. They sort by creation time. The part
 * after the first tilde is the owner; only the owner appends and replays. A process takes a file over by renaming it,
 * which can succeed in one process only.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { getProcessIdentity, isAlive } from '../../platform/process/identity.js';

/**
 * A file of another host counts as abandoned when it was not touched for this long; owners touch theirs every minute.
 */
const ABANDONED_AFTER_MS = 5 * 60_000;

const NAME = /^([0-9T]+-[0-9a-f]+)~(([^~]*)~(\d+)~(\d*)~[0-9a-f]+)\.ndjson$/;
/** Owner of files released by a process at its orderly end. */
const NO_OWNER = '~0~~0';

export interface SpoolName {
  name: string;
  /** `20261126T064500123-1f2e3d4c`. */
  fileId: string;
  owner: string;
}

/** Null: not a spool file. */
export function parseSpoolName(name: string): SpoolName | null {
  const [, fileId, owner] = NAME.exec(name) ?? [];
  return fileId === undefined || owner === undefined ? null : { name, fileId: fileId, owner };
}

export const formatSpoolName = (fileId: string, owner: string): string => `${fileId}~${owner}.ndjson`;

export const formatUnownedName = (fileId: string): string => formatSpoolName(fileId, NO_OWNER);

/** Returns the `begun` part for a file created at `at`. */
export const createFileId = (at: Date): string =>
  `${at.toISOString().replace(/[-:.Z]/g, '')}-${randomBytes(4).toString('hex')}`;

/** Identifies this process, and this gateway among several in it. */
export function createOwner(): string {
  const [pid, start = ''] = getProcessIdentity(process.pid).split(' ');
  return `${hostname().replaceAll('~', '-')}~${pid}~${start}~${randomBytes(4).toString('hex')}`;
}

/** Whether the owner has terminated permanently. `touchedMs`: when its file was last written or touched. */
export function isAbandoned({ owner }: SpoolName, touchedMs: number, nowMs: number): boolean {
  if (owner === NO_OWNER) return true;
  const [host, pid = '', start] = owner.split('~');
  if (host !== hostname().replaceAll('~', '-')) return nowMs - touchedMs > ABANDONED_AFTER_MS;
  return !isAlive(Number(pid)) || (getProcessIdentity(Number(pid)).split(' ')[1] ?? '') !== start;
}
