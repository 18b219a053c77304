/** Checks the ranks of modules by their import lines: a module imports only modules of a lower rank. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const SRC = resolve(import.meta.dirname, '../../src');
const OVERVIEW = resolve(import.meta.dirname, '../../docs/architecture/overview.md');

const RANKS: Readonly<Record<string, number>> = {
  platform: 0,
  auth: 1,
  providers: 1,
  health: 2,
  audit: 2,
  outbox: 2,
  orgs: 3,
  keys: 4,
  usage: 4,
  policy: 4,
  clients: 5,
  content: 5,
  webhooks: 5,
  proxy: 6,
  'idp-trust': 6,
  router: 7,
  telemetry: 7,
  oauth: 8,
  scim: 8,
  explain: 8,
  demo: 9,
};

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file));

function importsOf(file: string): string[] {
  const text = readFileSync(join(SRC, file), 'utf8');
  const found = text.matchAll(/^(?:import|export)\s[^;]*?from\s+'([^']+)'|import\('([^']+)'\)|^import\s+'([^']+)'/gms);
  return [...found].map((match) => (match[1] ?? match[2] ?? match[3])!);
}

const roomOf = (file: string): string | null => (file.includes('/') ? file.split('/')[0]! : null);

const localImports = (file: string): string[] =>
  importsOf(file)
    .filter((path) => path.startsWith('.'))
    .map((path) => relative(SRC, resolve(SRC, dirname(file), path)).replace(/\.js$/, ''))
    .map((path) => (files.includes(`${path}.tsx`) ? `${path}.tsx` : `${path}.ts`));

describe('the rooms', () => {
  it('are all ranked', () => {
    const rooms = new Set(files.map(roomOf).filter((room) => room !== null));
    expect([...rooms].filter((room) => !(room in RANKS))).toEqual([]);
  });

  it('have the ranks that the architecture overview documents', () => {
    const rows = readFileSync(OVERVIEW, 'utf8').matchAll(
      /^\|\s*(\d+)\s*\|\s*\[`([\w-]+)\/`\]\(\.\.\/\.\.\/src\/([\w-]+)\)/gm,
    );
    const documented = [...rows].map(([, rank, module, path]) => [module, path, Number(rank)]);
    expect(documented.sort()).toEqual(
      Object.entries(RANKS)
        .map(([module, rank]) => [module, module, rank])
        .sort(),
    );
  });

  it('import rooms of a lower rank only', () => {
    const upward = files.flatMap((file) => {
      const room = roomOf(file);
      if (room === null) return [];
      return localImports(file)
        .filter((target) => {
          const other = roomOf(target);
          return other === null || (other !== room && RANKS[other]! >= RANKS[room]!);
        })
        .map((target) => `${file} -> ${target}`);
    });
    expect(upward).toEqual([]);
  });

  it('keep their entities to themselves: only the app module imports those of others', () => {
    const foreign = files.flatMap((file) =>
      localImports(file)
        .filter(
          (target) => target.endsWith('.entity.ts') && roomOf(target) !== roomOf(file) && file !== 'app.module.ts',
        )
        .map((target) => `${file} -> ${target}`),
    );
    expect(foreign).toEqual([]);
  });

  it('use no forwardRef, no barrels, and none of the names that say nothing', () => {
    const text = (file: string): string => readFileSync(join(SRC, file), 'utf8');
    expect(files.filter((file) => /forwardRef\(/.test(text(file)))).toEqual([]);
    expect(files.filter((file) => /(^|\/)index\.tsx?$/.test(file))).toEqual([]);
    expect(files.filter((file) => /(helper|util|manager|common|misc|base-?service)/i.test(file))).toEqual([]);
  });

  it('keep providers and dialects plain: no Nest, no I/O', () => {
    const impure = files
      .filter((file) => roomOf(file) === 'providers' && !file.endsWith('.spec.ts'))
      .filter((file) =>
        importsOf(file).some((path) =>
          /^(@nestjs|node:(fs|net|http|https|dns|tls)|undici|typeorm|ioredis|pg)/.test(path),
        ),
      );
    expect(impure).toEqual([]);
  });

  it('read the environment in two places: the configuration and the secrets that stand there', () => {
    const readers = files.filter(
      (file) => !/\.spec\.tsx?$/.test(file) && /process\.env[.[)]/.test(readFileSync(join(SRC, file), 'utf8')),
    );
    expect(
      readers.filter((file) => !['main.ts', 'cli.ts', 'cli-jobs.ts', 'keys/keys.module.ts'].includes(file)),
    ).toEqual([]);
  });

  it('exit the process in main.ts and in what main.ts and the command line are made of', () => {
    const exiting = files.filter((file) => /process\.exit\(/.test(readFileSync(join(SRC, file), 'utf8')));
    expect(exiting.filter((file) => !['main.ts', 'cli.ts', 'workers.ts'].includes(file))).toEqual([]);
  });
});
