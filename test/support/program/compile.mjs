// Compiles the sources into .program/, where end-to-end suites load them as ordinary ESM: once per worker instead of once per test file.
// Only files that changed since the last run are compiled. `npm run typecheck` is what checks types.
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import swc from '@swc/core';
import { listFiles } from './digest.mjs';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const SOURCES = join(ROOT, 'src');
/** As deep below the root as `src` and `dist`: sources find migrations and package.json by relative URLs. */
export const PROGRAM = join(ROOT, '.program');
const SOURCE_NAME = /(?<!\.spec|\.d)\.tsx?$/;

/** The compiled file of a source file, as an absolute path. */
export const compiledPath = (source) => join(PROGRAM, relative(SOURCES, source).replace(/\.tsx?$/, '.js'));

const options = (tsx) => ({
  swcrc: false,
  sourceMaps: 'inline',
  module: { type: 'es6' },
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true, tsx },
    transform: {
      legacyDecorator: true,
      decoratorMetadata: true,
      useDefineForClassFields: false,
      react: { runtime: 'automatic', importSource: 'preact' },
    },
    keepClassNames: true,
  },
});

const modifiedMs = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

export async function compileProgram() {
  mkdirSync(PROGRAM, { recursive: true });
  const sources = listFiles(SOURCES).filter((path) => SOURCE_NAME.test(path));
  const wanted = new Set(sources.map(compiledPath));
  for (const path of listFiles(PROGRAM)) if (path.endsWith('.js') && !wanted.has(path)) rmSync(path, { force: true });
  await Promise.all(
    sources
      .filter((source) => modifiedMs(compiledPath(source)) <= modifiedMs(source))
      .map(async (source) => {
        const { code } = await swc.transform(readFileSync(source, 'utf8'), {
          filename: source,
          ...options(source.endsWith('x')),
        });
        const target = compiledPath(source);
        mkdirSync(dirname(target), { recursive: true });
        // A run beside this one reads whole files.
        writeFileSync(`${target}.${process.pid}`, code);
        renameSync(`${target}.${process.pid}`, target);
      }),
  );
}
