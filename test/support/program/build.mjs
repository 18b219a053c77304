// Builds dist/ before tests, unless it was built here from the same sources. A build of any kind empties dist/ first, and so
// removes the mark that this program leaves there.
import { execSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { digestFiles, listFiles } from './digest.mjs';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const MARK = join(ROOT, 'dist/.sources');
const SETTINGS = ['nest-cli.json', 'package.json', 'package-lock.json', 'tsconfig.build.json', 'tsconfig.json'];

const sources = listFiles(join(ROOT, 'src')).filter((path) => !/\.spec\.tsx?$/.test(path));
const digest = digestFiles([...sources, ...SETTINGS.map((name) => join(ROOT, name))]);
if (!existsSync(MARK) || readFileSync(MARK, 'utf8') !== digest) {
  execSync('npm run --silent build', { cwd: ROOT, stdio: 'inherit' });
  writeFileSync(MARK, digest);
}
