// Node's environment for end-to-end suites. The gateway and the embedded database's code load once per worker, outside of the
// module registry that Jest makes for each test file.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { TestEnvironment } from 'jest-environment-node';

const code = (name) => new URL(name, `file://${createRequire(import.meta.url).resolve('@electric-sql/pglite')}`);

/** Where Node's fetch keeps its dispatcher (undici, `lib/global.js`). SDKs look for it in the global object. */
const DISPATCHER = Symbol.for('undici.globalDispatcher.1');

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
    new Headers(); // sets the dispatcher up
    this.global[DISPATCHER] ??= globalThis[DISPATCHER];
    this.global.importProgram = (specifier) => import(specifier);
    this.global.embeddedDatabaseCode = () => (compiled ??= compile());
  }
}
