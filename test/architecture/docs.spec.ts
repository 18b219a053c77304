/** Generated tables and examples in the documentation match the code. UPDATE_SNAPSHOT=1 writes them. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { getMetadataStorage } from 'class-validator';
import { PERMISSIONS, ROLE_PERMISSIONS, ROLES, type Permission } from '../../src/auth/callers/permissions.js';
import { ENV_NAMES, loadConfig } from '../../src/platform/config/app-config.js';
import { Env } from '../../src/platform/config/env.js';
import { ERROR_CATALOG, type ErrorCode } from '../../src/platform/errors/error-catalog.js';
import { ERROR_HELP } from '../../src/platform/errors/error-help.js';

const ROOT = resolve(import.meta.dirname, '../..');
const DOCS = join(ROOT, 'docs');
const EXAMPLES = join(ROOT, 'examples');

const read = (path: string): string => readFileSync(path, 'utf8');

const pages = (): string[] => [
  join(ROOT, 'README.md'),
  ...readdirSync(DOCS, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join(DOCS, file)),
];

/** Compares a page with the expected text, or writes it. */
function expectPage(path: string, wanted: string): void {
  if (process.env.UPDATE_SNAPSHOT) writeFileSync(path, wanted);
  expect(read(path)).toBe(wanted);
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |\n`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  row(head) + `|${'---|'.repeat(head.length)}\n` + rows.map(row).join('');

function permissionTable(): string {
  const rows = (Object.entries(PERMISSIONS) as [Permission, string][]).map(([permission, meaning]) => [
    `\`${permission}\``,
    meaning,
    ...ROLES.map((role) => (ROLE_PERMISSIONS[role].has(permission) ? 'yes' : '')),
  ]);
  return table(['Permission', 'Meaning', ...ROLES], rows);
}

function errorTables(): string {
  const codes = Object.keys(ERROR_CATALOG) as ErrorCode[];
  const section = (code: ErrorCode): string => {
    const { status, title } = ERROR_CATALOG[code];
    const { cause, fix } = ERROR_HELP[code];
    return `### ${code}\n\n**${status}** · ${title}.\n\n- Cause: ${cause}\n- Fix: ${fix}\n`;
  };
  const overview = codes.map((code) => [
    `[\`${code}\`](#${code})`,
    String(ERROR_CATALOG[code].status),
    ERROR_CATALOG[code].title,
  ]);
  return `${table(['Code', 'Status', 'Meaning'], overview)}\n## Causes and fixes\n\n${codes.map(section).join('\n')}`;
}

interface Variable {
  name: string;
  group: string;
  comment: string;
  /** As `.env.example` shows it: the default, or an example where the comment states the default. */
  shown: string;
}

/** The variables in the order and the groups of `.env.example`. */
function shownVariables(): Variable[] {
  const out: Variable[] = [];
  let group = '';
  for (const block of read(join(ROOT, '.env.example')).split('\n\n')) {
    group = /^# --- (.+?) -+$/m.exec(block)?.[1] ?? group;
    const comment = block.replaceAll(/^# ?/gm, '').replaceAll('\n', ' ');
    for (const [, name, shown] of block.matchAll(/^# ([A-Z][A-Z0-9_]*)=(.*)$/gm))
      if (ENV_NAMES.has(name!)) out.push({ name: name!, group, comment, shown: shown! });
  }
  return out;
}

const statedDefault = ({ comment }: Variable): string | undefined => /Default: (.+?)\.(?: |$)/.exec(comment)?.[1];

/** Name → what its comment in env.ts says. */
function meanings(): Map<string, string> {
  const source = read(join(ROOT, 'src/platform/config/env.ts')).split('export class Env')[1]!;
  const found = source.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])+)\*\/(?:(?!\/\*\*)[\s\S])*?\n {2}([A-Z][A-Z0-9_]*)\?:/g);
  return new Map([...found].map(([, comment, name]) => [name!, comment!.replaceAll(/\s*\n\s*\*\s*/g, ' ').trim()]));
}

function allowedValues(name: string): string {
  const rules = getMetadataStorage()
    .getTargetValidationMetadatas(Env, '', false, false)
    .filter(({ propertyName }) => propertyName === name);
  const constraint = (rule: string): unknown => rules.find((metadata) => metadata.name === rule)?.constraints?.[0];
  const choices = constraint('isIn') as readonly string[] | undefined;
  if (choices) return choices.map((choice) => `\`${choice}\``).join(', ');
  const [min, max] = [constraint('min'), constraint('max')] as [number | undefined, number | undefined];
  return min === undefined ? '' : `${min} to ${max}`;
}

function configurationTables(): string {
  const variables = shownVariables();
  const meaning = meanings();
  const groups = [...new Set(variables.map(({ group }) => group))];
  const rowOf = (variable: Variable): string[] => {
    const stated = statedDefault(variable);
    const value = stated ?? variable.shown;
    const shown = value === '' || value.includes(' ') || value === 'none' ? value : `\`${value}\``;
    return [`\`${variable.name}\``, meaning.get(variable.name)!, allowedValues(variable.name), shown];
  };
  return groups
    .map((group) => {
      const rows = variables.filter((variable) => variable.group === group).map(rowOf);
      return `## ${group}\n\n${table(['Variable', 'Meaning', 'Values', 'Default'], rows)}`;
    })
    .join('\n');
}

const SECTION = /(<!-- generated: ([\w-]+) -->\n)[\s\S]*?(<!-- \/generated -->)/g;
const GENERATED: Readonly<Record<string, [page: string, text: () => string]>> = {
  permissions: ['roles.md', permissionTable],
  errors: ['errors.md', errorTables],
  configuration: ['configuration.md', configurationTables],
};

it.each(Object.entries(GENERATED))('the generated section "%s" of the docs matches the code', (name, [page, text]) => {
  const path = join(DOCS, page);
  const present = read(path);
  expect([...present.matchAll(SECTION)].map((match) => match[2])).toEqual([name]);
  expectPage(
    path,
    present.replace(SECTION, (_, open: string, _name, close: string) => `${open}\n${text()}\n${close}`),
  );
});

it('docs/configuration.md explains every variable', () => {
  expect(new Set(shownVariables().map(({ name }) => name))).toEqual(ENV_NAMES);
  expect([...meanings().keys()].sort()).toEqual([...ENV_NAMES].sort());
});

it('the defaults in docs/configuration.md are the defaults of the code', () => {
  const key = { ENCRYPTION_KEYS: Buffer.alloc(32, 7).toString('base64') };
  const defaults = shownVariables().filter((variable) => variable.shown !== '' && !statedDefault(variable));
  expect(defaults.length).toBeGreaterThan(10);
  const set = Object.fromEntries(defaults.map(({ name, shown }) => [name, shown]));
  expect(loadConfig({ ...set, ...key })).toEqual(loadConfig(key));
  const redis = { ...key, REDIS_URL: 'redis://localhost:6379' };
  expect(loadConfig({ ...set, ...redis })).toEqual(loadConfig(redis));
});

const EXAMPLE = /(<!-- (examples\/[\w-]+\.mjs) -->\n)[\s\S]*?(<!-- \/\2 -->)/g;

it('the docs contain every file of examples/ as it runs', () => {
  const shown = new Set<string>();
  for (const path of pages()) {
    const present = read(path);
    const wanted = present.replace(EXAMPLE, (_, open: string, file: string, close: string) => {
      shown.add(file);
      return `${open}\n\`\`\`js\n${read(join(ROOT, file))}\`\`\`\n\n${close}`;
    });
    if (wanted !== present) expectPage(path, wanted);
  }
  const examples = readdirSync(EXAMPLES).filter((file) => file.endsWith('.mjs'));
  expect([...shown].sort()).toEqual(examples.map((file) => `examples/${file}`).sort());
});

it('examples/README.md lists every file of examples/', () => {
  const links = linksOf(read(join(EXAMPLES, 'README.md'))).filter((link) => !link.startsWith('..'));
  expect(links.sort()).toEqual(
    readdirSync(EXAMPLES)
      .filter((file) => file !== 'README.md')
      .sort(),
  );
});

/** Targets of links, without anchors; images and addresses with a scheme excepted. */
const linksOf = (text: string): string[] =>
  [...text.replaceAll(/```[\s\S]*?```/g, '').matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1]!)
    .filter((link) => !/^[a-z]+:/.test(link) && !link.startsWith('#'))
    .map((link) => link.split('#')[0]!);

it('docs/architecture/glossary.md names types and functions that the code has', () => {
  const columns = [...read(join(DOCS, 'architecture/glossary.md')).matchAll(/^\|[^|]+\|[^|]+\|([^|]+)\|$/gm)];
  const names = columns.flatMap(([, column]) => [...column!.matchAll(/`(\w+)`/g)].map((match) => match[1]!));
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
  const code = files.filter((file) => /\.tsx?$/.test(file)).map((file) => read(join(ROOT, 'src', file)));
  const words = new Set(code.flatMap((text) => text.match(/\w+/g)));
  expect(names.length).toBeGreaterThan(80);
  expect(names.filter((name) => !words.has(name))).toEqual([]);
});

it('README.md is at most 150 lines and links to docs/index.md', () => {
  const readme = read(join(ROOT, 'README.md'));
  expect(readme.trimEnd().split('\n').length).toBeLessThanOrEqual(150);
  expect(linksOf(readme)).toContain('docs/index.md');
});

it('docs/index.md links to every page of docs/, and its links exist', () => {
  const links = linksOf(read(join(DOCS, 'index.md'))).map((link) => join(DOCS, link));
  expect(links.filter((link) => !existsSync(link))).toEqual([]);
  const unlisted = pages().filter((path) => path.startsWith(DOCS) && !links.includes(path));
  expect(unlisted.filter((path) => !/\/(index|decisions\/\d.*|clients\/.*)\.md$/.test(path))).toEqual([]);
});
