// Node's environment with the embedded database's code compiled once per worker: each test file would compile it anew.
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
    const { Module } = this.global.WebAssembly;
    this.global.embeddedDatabaseCode = async () => {
      const modules = await (compiled ??= compile());
      // Each test file has classes of its own, by which PGlite knows a module.
      for (const module of Object.values(modules)) Object.setPrototypeOf(module, Module.prototype);
      return modules;
    };
  }
}
