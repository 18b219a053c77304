// A migrated database without rows, which the program's own migrations create. Every suite starts from a copy of it:
// migrating a database for each suite would take seconds every time.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { compiledPath, PROGRAM } from './compile.mjs';
import { digestFiles, listFiles } from './digest.mjs';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const KEPT = join(PROGRAM, 'database');
const DATABASE_CODE = join(ROOT, 'src/platform/database');

/** Files that decide what the template holds: another one is made when one of them changes. */
const sources = () => [
  ...listFiles(join(ROOT, 'migrations')),
  ...listFiles(DATABASE_CODE),
  join(ROOT, 'node_modules/@electric-sql/pglite/package.json'),
  fileURLToPath(import.meta.url),
];

/** Opens and migrates the database of these settings (`database` of the program's configuration). */
export async function openMigrated(database) {
  const { openDatabase } = await import(pathToFileURL(compiledPath(join(DATABASE_CODE, 'data-source.ts'))).href);
  return openDatabase({ database }, []);
}

/**
 * Returns a directory with the template in two forms: `data`, a DATA_DIR of the program, and `seed.tar`, which PGlite loads
 * into memory. Made by the first run after a change.
 */
export async function databaseTemplate() {
  const directory = join(KEPT, digestFiles(sources()));
  if (existsSync(directory)) return directory;
  const draft = `${directory}.${process.pid}`;
  const dataDir = join(draft, 'data');
  mkdirSync(dataDir, { recursive: true });
  const database = await openMigrated({ url: null, dataDir });
  const pglite = await database.pglite.open();
  await pglite.exec('CHECKPOINT'); // otherwise each instance that loads the seed would replay the log of the migrations
  const seed = await pglite.dumpDataDir('none');
  writeFileSync(join(draft, 'seed.tar'), Buffer.from(await seed.arrayBuffer()));
  await database.close();
  for (const name of readdirSync(KEPT)) if (!name.includes('.')) rmSync(join(KEPT, name), { recursive: true });
  try {
    renameSync(draft, directory);
  } catch (error) {
    // A run beside this one was first.
    if (!existsSync(directory)) throw error;
    rmSync(draft, { recursive: true });
  }
  return directory;
}
