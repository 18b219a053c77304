// Node's environment for end-to-end suites. The gateway and the embedded database's code load once per worker, outside of the
// module registry that Jest makes for each test file.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { TestEnvironment } from 'jest-environment-node';

const code = (name) => new URL(name, `file://${createRequire(import.meta.url).resolve('@electric-sql/pglite')}`);

let compiled;
async function compile() {
  const [pglite, initdb] = await Promise.all(
    ['pglite.wasm', 'initdb.wasm'].map(async (name) => WebAssembly.compile(await readFile(code(name)))),
  );
  return { pgliteWasmModule: pglite, initdbWasmModule: initdb };
}

export default class extends TestEnvironment {
  async setup() {
    await super.setup();
    this.global.Date = Date; // the embedded database's driver knows dates by their class
    this.global.importProgram = (url) => import(url);
    this.global.embeddedDatabaseCode = () => (compiled ??= compile());
  }
}
