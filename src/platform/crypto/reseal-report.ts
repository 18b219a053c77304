import type { ResealReport } from './resealer.js';

/**
 * Formats the output of `gatehouse reseal`: counts by key id, and the rows that cannot be opened. Never contains a
 * value.
 */
export function formatResealReport({ description, unchanged, resealed, unopened }: ResealReport): string {
  const total = sumCounts(unchanged) + sumCounts(resealed) + unopened.length;
  const lines = [`${total} ${description}${total === 1 ? '' : 's'}`];
  for (const [keyId, count] of resealed) lines.push(`  ${count} re-sealed, previously sealed with key ${keyId}`);
  for (const [keyId, count] of unchanged) lines.push(`  ${count} already sealed with the first key, ${keyId}`);
  if (unopened.length === 0) {
    if (total > 0) lines.push('  All of them can be opened with the first of ENCRYPTION_KEYS alone.');
  } else {
    lines.push(`  ${unopened.length} cannot be opened and were left as they are:`);
    for (const { id, reason } of unopened) lines.push(`    ${id}  ${reason}`);
    lines.push('  Add the missing key to ENCRYPTION_KEYS and run this again, or create these again.');
  }
  return `${lines.join('\n')}\n`;
}

const sumCounts = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((a, b) => a + b, 0);
