// Node's environment for end-to-end suites. The gateway and the embedded database's code load once per worker, outside of the
// module registry that Jest makes for each test file.
import { TestEnvironment } from 'jest-environment-node';
import { lendEmbeddedDatabase } from './embedded-databases.mjs';

/** Where Node's fetch keeps its dispatcher (undici, `lib/global.js`). SDKs look for it in the global object. */
const DISPATCHER = Symbol.for('undici.globalDispatcher.1');

export default class extends TestEnvironment {
  async setup() {
    await super.setup();
    this.global.Date = Date; // the embedded database's driver knows dates by their class
    new Headers(); // sets the dispatcher up
    this.global[DISPATCHER] ??= globalThis[DISPATCHER];
    this.global.importProgram = (specifier) => import(specifier);
    this.global.lendEmbeddedDatabase = lendEmbeddedDatabase;
  }
}
