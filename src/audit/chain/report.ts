import type { ChainBreak, ChainEnd, ChainReport } from './verifier.js';
import type { AuditEntryEntity } from '../entries/audit-entry.entity.js';

const CHAIN_END = /^(0|[1-9]\d{0,14}):([0-9a-f]{64})$/;

/** Parses `<count>:<hash>`, as the command prints and accepts it; null for any other text. */
export function parseChainEnd(text: string): ChainEnd | null {
  const match = CHAIN_END.exec(text.trim().toLowerCase());
  return match && { count: Number(match[1]), hash: Buffer.from(match[2]!, 'hex') };
}

export const formatChainEnd = ({ count, hash }: ChainEnd): string => `${count}:${hash.toString('hex')}`;

/** Output of `gatehouse verify-audit-log` for one organization. */
export function formatChainReport(slug: string, { end, unsealed, firstBreak }: ChainReport): string {
  const lines = firstBreak
    ? [`${slug}: BROKEN`, `  ${describeBreak(firstBreak)}`, `  in order up to  ${formatChainEnd(end)}`]
    : [`${slug}: in order, ${end.count} ${end.count === 1 ? 'entry' : 'entries'}`, `  end  ${formatChainEnd(end)}`];
  if (unsealed > 0) lines.push(`  ${unsealed} more, not yet sealed`);
  return `${lines.join('\n')}\n`;
}

function describeBreak(found: ChainBreak): string {
  switch (found.kind) {
    case 'changed':
      return `Entry ${formatEntry(found.entry)} (number ${found.sequence}) was changed after it was sealed.`;
    case 'missing':
      return `Number ${found.sequence} is missing before entry ${formatEntry(found.entry)}.`;
    case 'misplaced':
      return `Entry ${formatEntry(found.entry)} (number ${found.sequence}) does not follow its predecessor: entries were reordered, replaced or inserted.`;
    case 'truncated':
      return `${formatPosition(found.last)} entries are missing at the end: ${found.count} of ${found.recorded} exist.`;
    case 'head':
      return `${formatPosition(found.last)} the recorded end of the chain does not match the entries: it was changed, or entries were added or removed.`;
    case 'kept':
      return `The chain does not contain the end that was passed: the entry with number ${found.count} differs or is missing.`;
  }
}

const formatEntry = ({ id, action, createdAt }: AuditEntryEntity): string =>
  `${id} (${action}, ${createdAt.toISOString()})`;

const formatPosition = (last: AuditEntryEntity | null): string =>
  last ? `After entry ${formatEntry(last)}` : 'From the beginning';
