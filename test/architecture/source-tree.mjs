// Reads the source tree as text: files, folders, imports and SQL tables. Used by the architecture tests and by figures.mjs.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const IMPORTS = /^(?:import|export)\s[^;]*?from\s+'([^']+)'|import\('([^']+)'\)|^import\s+'([^']+)'/gms;
const TABLE_REFERENCE = /\b(?:FROM|JOIN|INTO|UPDATE|TABLE|ONLY)\s+"?([a-z_]+)\b/g;

/** Every TypeScript file below `<root>/src`, as a path from there; `specs` includes unit tests. */
export function listFiles(root, { specs = false } = {}) {
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && (specs || !/\.spec\.tsx?$/.test(file)))
    .sort();
}

export const readSource = (root, file) => readFileSync(join(root, 'src', file), 'utf8');

/** Module specifiers that a file imports or exports from, types included. */
export const listImports = (root, file) =>
  [...readSource(root, file).matchAll(IMPORTS)].map((match) => match[1] ?? match[2] ?? match[3]);

/** Files of `src` that a file imports. */
export function listLocalImports(root, file) {
  const src = join(root, 'src');
  return listImports(root, file)
    .filter((path) => path.startsWith('.'))
    .map((path) => relative(src, resolve(src, dirname(file), path)).replace(/\.js$/, ''))
    .map((path) => (existsSync(join(src, `${path}.tsx`)) ? `${path}.tsx` : `${path}.ts`));
}

/** Nest module of a file: the first folder; null at the root of `src`. */
export const moduleOf = (file) => (file.includes('/') ? file.split('/')[0] : null);

/** Number of production files that each folder holds itself. */
export function countFolders(root) {
  const sizes = new Map();
  for (const file of listFiles(root)) sizes.set(dirname(file), (sizes.get(dirname(file)) ?? 0) + 1);
  return sizes;
}

/** Groups of folders within one module that import each other in a circle, each with the imports that close it. */
export function findFolderCycles(root) {
  const imports = new Map();
  for (const file of listFiles(root)) {
    for (const target of listLocalImports(root, file)) {
      const [from, to] = [dirname(file), dirname(target)];
      if (from === to || moduleOf(file) !== moduleOf(target)) continue;
      const key = `${from} -> ${to}`;
      imports.set(key, [...(imports.get(key) ?? []), `${file} -> ${target}`]);
    }
  }
  const edges = [...imports.keys()].map((key) => key.split(' -> '));
  const reach = (start) => {
    const seen = new Set();
    const pending = [start];
    while (pending.length > 0) {
      const folder = pending.pop();
      for (const [from, to] of edges) {
        if (from !== folder || seen.has(to)) continue;
        seen.add(to);
        pending.push(to);
      }
    }
    return seen;
  };
  return edges
    .filter(([from, to]) => reach(to).has(from))
    .flatMap(([from, to]) => imports.get(`${from} -> ${to}`))
    .sort();
}

/** Owner of each table: the module whose entity declares it, else null (tables that only SQL knows). */
export function readTableOwners(root) {
  const owners = new Map();
  const migrations = join(root, 'migrations');
  for (const file of readdirSync(migrations).filter((name) => name.endsWith('.up.sql'))) {
    const text = readFileSync(join(migrations, file), 'utf8');
    for (const [, table] of text.matchAll(/CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?"?(\w+)/g))
      owners.set(table, null);
    for (const [, table] of text.matchAll(/ALTER TABLE \w+ RENAME TO (\w+)/g)) owners.set(table, null);
  }
  for (const file of listFiles(root)) {
    for (const [, table] of readSource(root, file).matchAll(
      /(?:@Entity\((?:\{ name: )?|new EntitySchema<\w+>\(\{\s+name: )'(\w+)'/g,
    ))
      owners.set(table, moduleOf(file));
  }
  return owners;
}

/** Tables that the SQL of a file names, as [file, table]. Comments do not count. */
export function listTableReferences(root) {
  const owners = readTableOwners(root);
  return listFiles(root).flatMap((file) => {
    const code = readSource(root, file).replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
    const tables = [...code.matchAll(TABLE_REFERENCE)].map(([, table]) => table).filter((table) => owners.has(table));
    return [...new Set(tables)].map((table) => [file, table]);
  });
}

/** Words in the names of production files, with the files that have them. */
export function listFileNameWords(root) {
  const words = new Map();
  for (const file of listFiles(root)) {
    const name = file
      .split('/')
      .at(-1)
      .replace(/\.tsx?$/, '');
    for (const word of name.split(/[-.]/).filter((part) => part.length > 1 && !/^\d+$/.test(part))) {
      words.set(word, [...(words.get(word) ?? []), file]);
    }
  }
  return words;
}
