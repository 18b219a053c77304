/**
 * Checks the structure of `src` by its import lines and its SQL: a module uses modules of a lower rank only, the folders
 * of a module form layers, and folders stay small.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  countFolders,
  findFolderCycles,
  listFiles,
  listImports,
  listLocalImports,
  listTableReferences,
  moduleOf,
  readSource,
  readTableOwners,
} from './source-tree.mjs';

const ROOT = resolve(import.meta.dirname, '../..');
const OVERVIEW = resolve(ROOT, 'docs/architecture/overview.md');

const RANKS: Readonly<Record<string, number>> = {
  platform: 0,
  'admin-api': 1,
  auth: 1,
  detectors: 1,
  providers: 1,
  translation: 2,
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
  openapi: 9,
  demo: 9,
  app: 10,
  cli: 11,
};

/** Owners of tables that have no entity. */
const SQL_ONLY_TABLES: Readonly<Record<string, string>> = {
  auth_event: 'platform',
  interaction_default: 'usage',
  usage_rollup: 'usage',
  usage_latency: 'usage',
};

/** SQL that names a table of a module that is not below its own, each with its reason. */
const FOREIGN_SQL: Readonly<Record<string, string>> = {
  'keys/key-bindings/key-unmapping.service.ts oauth_client':
    'a mapping of a deleted key is removed in one statement, with its owner',
  'outbox/webhook-outbox.ts webhook':
    'an event is queued in the transaction of the change, for the webhooks that want it',
  'outbox/webhook-outbox.ts webhook_delivery': 'the outbox is a table of deliveries, which `webhooks` sends',
  'usage/interactions/interactions.reader.ts interaction_content': 'a record says whether content was captured with it',
  'usage/limits/admin/limited-entities.ts oauth_client': 'one statement checks that the limited entity exists',
  'usage/limits/admin/limited-entities.ts virtual_key': 'one statement checks that the limited entity exists',
  'usage/rollup/entity-names.ts oauth_client': 'figures carry the names of what they count, also after a deletion',
  'usage/rollup/entity-names.ts virtual_key': 'figures carry the names of what they count, also after a deletion',
  'usage/rollup/counters.ts oauth_client': 'the counting statement reads the teams of the application of a call',
  'usage/rollup/counters.ts virtual_key': 'the counting statement reads the teams of the key of a call',
};

const MAX_FILES_OF_A_FOLDER = 25;
const MAX_MEDIAN_OF_FILES = 6;

const files = listFiles(ROOT, { specs: true });
const productionFiles = listFiles(ROOT);
const isPure = (module: string | null): boolean =>
  module !== null && ['detectors', 'providers', 'translation'].includes(module);

describe('modules', () => {
  it('every module of src has a rank', () => {
    const modules = new Set(files.map(moduleOf).filter((module) => module !== null));
    expect([...modules].filter((module) => !(module in RANKS))).toEqual([]);
    expect(Object.keys(RANKS).filter((module) => !modules.has(module))).toEqual([]);
  });

  it('the architecture overview documents the rank of every module', () => {
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

  it('a module imports modules of a lower rank only', () => {
    const upward = files.flatMap((file) => {
      const module = moduleOf(file);
      if (module === null) return [];
      return listLocalImports(ROOT, file)
        .filter((target) => {
          const other = moduleOf(target);
          return other === null || (other !== module && RANKS[other]! >= RANKS[module]!);
        })
        .map((target) => `${file} -> ${target}`);
    });
    expect(upward).toEqual([]);
  });

  it('SQL names tables of its own module and of lower ranks only', () => {
    const owners = readTableOwners(ROOT);
    const foreign = listTableReferences(ROOT)
      .filter(([file, table]) => {
        const owner = owners.get(table) ?? SQL_ONLY_TABLES[table];
        const module = moduleOf(file)!;
        return owner !== module && !(owner !== undefined && RANKS[owner]! < RANKS[module]!);
      })
      .map(([file, table]) => `${file} ${table}`);
    expect(foreign.sort()).toEqual(Object.keys(FOREIGN_SQL).sort());
  });

  it('only app/entities.ts imports entities of other modules', () => {
    const foreign = files.flatMap((file) =>
      listLocalImports(ROOT, file)
        .filter(
          (target) =>
            target.endsWith('.entity.ts') && moduleOf(target) !== moduleOf(file) && file !== 'app/entities.ts',
        )
        .map((target) => `${file} -> ${target}`),
    );
    expect(foreign).toEqual([]);
  });

  it('detectors, providers and translation import neither Nest nor I/O', () => {
    const impure = productionFiles
      .filter((file) => isPure(moduleOf(file)))
      .filter((file) =>
        listImports(ROOT, file).some((path) =>
          /^(@nestjs|node:(fs|net|http|https|dns|tls)|undici|typeorm|ioredis|pg)/.test(path),
        ),
      );
    expect(impure).toEqual([]);
  });
});

describe('folders', () => {
  it('only main.ts and cli.ts are at the root of src', () => {
    expect(readdirSync(resolve(ROOT, 'src')).filter((name) => name.includes('.'))).toEqual(['cli.ts', 'main.ts']);
  });

  it('no folder of a module imports a folder that imports it, directly or through others', () => {
    expect(findFolderCycles(ROOT)).toEqual([]);
  });

  it(`a folder holds at most ${MAX_FILES_OF_A_FOLDER} production files, half of the folders at most ${MAX_MEDIAN_OF_FILES}`, () => {
    const sizes = [...countFolders(ROOT)];
    expect(sizes.filter(([, size]) => size > MAX_FILES_OF_A_FOLDER)).toEqual([]);
    const ordered = sizes.map(([, size]) => size).sort((a, b) => a - b);
    expect(ordered[Math.floor(ordered.length / 2)]).toBeLessThanOrEqual(MAX_MEDIAN_OF_FILES);
  });
});

describe('code conventions', () => {
  it('src has no forwardRef, no barrel files, and no file names that say nothing', () => {
    expect(files.filter((file) => /forwardRef\(/.test(readSource(ROOT, file)))).toEqual([]);
    expect(files.filter((file) => /(^|\/)index\.tsx?$/.test(file))).toEqual([]);
    expect(files.filter((file) => /(helper|util|manager|common|misc|base-?service)/i.test(file))).toEqual([]);
  });

  it('the environment is read by the configuration and by secret sources only', () => {
    const readers = productionFiles.filter((file) => /process\.env[.[)]/.test(readSource(ROOT, file)));
    expect(
      readers.filter((file) => !['main.ts', 'cli.ts', 'cli/command-platform.ts', 'keys/keys.module.ts'].includes(file)),
    ).toEqual([]);
  });

  it('only main.ts and cli.ts exit the process', () => {
    const exiting = files.filter((file) => /process\.exit\(/.test(readSource(ROOT, file)));
    expect(exiting.filter((file) => !['main.ts', 'cli.ts'].includes(file))).toEqual([]);
  });
});
