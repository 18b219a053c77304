// Counts the constructions that make prose hard to read, per 10,000 words of comments, messages and test titles.
// node test/prose/prose.mjs                 the figures; exits with 1 when one is above its maximum
// node test/prose/prose.mjs --list [path…]  each occurrence, as file:line
import { fileURLToPath } from 'node:url';
import { countConstructions, listConstructions } from './constructions.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MAX_PER_10_000 = 3;

const [, , flag, ...paths] = process.argv;
if (flag === '--list') {
  for (const { place, group, match } of listConstructions(ROOT, paths)) console.log(`${place}: ${match} (${group})`);
} else {
  for (const [group, { words, rows }] of Object.entries(countConstructions(ROOT))) {
    console.log(`${group}: ${words} words, at most ${MAX_PER_10_000} of each construction per 10,000`);
    console.table(rows);
    if (rows.some(({ per10000 }) => per10000 > MAX_PER_10_000)) process.exitCode = 1;
  }
}
