// Prints the figures of the source tree: folder sizes, file-name words, prose, imports between folders, SQL tables.
// node test/architecture/figures.mjs               of the working tree
// node test/architecture/figures.mjs <commit>…     of each commit, then of the working tree
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { countConstructions } from '../prose/constructions.mjs';
import {
  countFolders,
  findFolderCycles,
  listFileNameWords,
  listFiles,
  listTableReferences,
  moduleOf,
  readTableOwners,
} from './source-tree.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FIELD_WORDS = new Set(
  readFileSync(join(ROOT, 'test/architecture/field-words.txt'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#')),
);

/** Singular and plural are one word. */
const isFieldWord = (word) =>
  [word, `${word}s`, `${word}es`, word.replace(/e?s$/, ''), word.replace(/s$/, '')].some((form) =>
    FIELD_WORDS.has(form),
  );

function figuresOf(root) {
  const sizes = [...countFolders(root)].sort(([, a], [, b]) => b - a);
  const ordered = sizes.map(([, size]) => size).sort((a, b) => a - b);
  const owners = readTableOwners(root);
  const foreign = listTableReferences(root).filter(([file, table]) => owners.get(table) !== moduleOf(file));
  const unknown = [...listFileNameWords(root).keys()].filter((word) => !isFieldWord(word)).sort();
  const figures = {
    'production files': listFiles(root).length,
    folders: sizes.length,
    'folders above 25 files': sizes.filter(([, size]) => size > 25).length,
    'largest folder': `${sizes[0][1]} (${sizes[0][0]})`,
    'median files per folder': ordered[Math.floor(ordered.length / 2)],
    'imports in circles between folders of a module': findFolderCycles(root).length,
    'SQL that names a table of another module': foreign.length,
    'file-name words unknown to the field': unknown.length,
  };
  for (const [group, { words, rows }] of Object.entries(countConstructions(root))) {
    figures[`words of ${group}`] = words;
    for (const { construction, per10000 } of rows) figures[`${group}: ${construction}, per 10,000 words`] = per10000;
  }
  return { figures, unknown };
}

/** Unpacks a commit's sources into a temporary folder for as long as `read` runs. */
function atCommit(commit, read) {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-figures-'));
  try {
    const archive = execFileSync('git', ['archive', commit], { cwd: ROOT, maxBuffer: 2 ** 30 });
    execFileSync('tar', ['-x', '-C', folder], { input: archive });
    return read(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const commits = process.argv.slice(2);
const columns = [...commits.map((commit) => [commit, atCommit(commit, figuresOf)]), ['working tree', figuresOf(ROOT)]];
const names = [...new Set(columns.flatMap(([, { figures }]) => Object.keys(figures)))];
console.table(
  Object.fromEntries(
    names.map((name) => [
      name,
      Object.fromEntries(columns.map(([title, { figures }]) => [title, figures[name] ?? ''])),
    ]),
  ),
);
for (const [title, { unknown }] of columns) console.log(`${title}, unknown words: ${unknown.join(', ')}`);
