// A Jest transform for source files that end-to-end suites import: the module becomes a reference to the compiled one, which the
// environment loads outside of Jest's module registry. The classes are therefore those of the running gateway.
import { pathToFileURL } from 'node:url';
import { compiledPath } from './compile.mjs';

export default {
  async processAsync(_source, path) {
    const url = pathToFileURL(compiledPath(path)).href;
    const names = Object.keys(await import(url)).filter((name) => name !== 'default');
    const exported = names.map((name) => `export const ${name} = program.${name};`);
    return { code: [`const program = await importProgram(${JSON.stringify(url)});`, ...exported].join('\n') };
  },
  getCacheKey: (source, path) => `${path}:${source}`,
};
