/** CONTRIBUTING.md names files that exist, and the suites of every module. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const TEXT = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8');
const folders = (path: string): string[] =>
  readdirSync(join(ROOT, path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
const filesBelow = (path: string): string[] =>
  readdirSync(join(ROOT, path), { recursive: true, encoding: 'utf8' }).map((file) => `${path}/${file}`);

/** Module → patterns of paths. */
const rows = [...TEXT.matchAll(/^\| `?([\w -]+?)`? \| ((?:`(?:src|test)\/[^`]+` ?)+)\|$/gm)].map(
  ([, module, patterns]) => [module!, [...patterns!.matchAll(/`([^`]+)`/g)].map((match) => match[1]!)] as const,
);
const specs = [...filesBelow('src'), ...filesBelow('test')].filter((file) => /\.(?:e2e-)?spec\.tsx?$/.test(file));

it('CONTRIBUTING.md names paths of files and folders that exist', () => {
  const named = [...TEXT.matchAll(/`((?:src|test|docs|migrations)\/[\w./-]+\.\w+)`/g)].map((match) => match[1]!);
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

it('CONTRIBUTING.md lists every module of src with its suites', () => {
  const modules = new Set(rows.map(([module]) => module));
  expect(folders('src').filter((module) => !modules.has(module))).toEqual([]);
});

it('CONTRIBUTING.md lists patterns of which each matches a test', () => {
  const patterns = rows.flatMap(([, list]) => list);
  expect(patterns.length).toBeGreaterThan(20);
  expect(patterns.filter((pattern) => !specs.some((file) => file.startsWith(pattern)))).toEqual([]);
});

it('CONTRIBUTING.md assigns every test to a module', () => {
  const patterns = rows.flatMap(([, list]) => list);
  const inFolders = specs.filter((file) => !/^src\/[^/]+$/.test(file));
  expect(inFolders.filter((file) => !patterns.some((pattern) => file.startsWith(pattern)))).toEqual([]);
});
