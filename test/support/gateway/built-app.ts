/** The built program (`dist/main.js`) as a process of its own, as in a deployment. `npm test` builds it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TestDatabase } from './databases.js';
import { freePort } from './gateway.js';
import { eventually } from '../http/wire-client.js';

const MAIN = fileURLToPath(new URL('../../../dist/main.js', import.meta.url));
/** A start compiles nothing, but two cores may be shared with other suites, and a first start creates a database. */
const START_MS = 60_000;
const STOP_MS = 20_000;

export class BuiltApp {
  stdout = '';
  stderr = '';
  /** The exit code, or null while it runs. */
  exitCode: number | null = null;
  readonly exited: Promise<number>;
  readonly #process: ChildProcess;

  private constructor(
    readonly url: string,
    env: Readonly<Record<string, string>>,
  ) {
    if (!existsSync(MAIN)) throw new Error('dist/main.js is missing: run `npm run build` first');
    // Passes only PATH of this process's environment: variables that a test does not name are unset.
    this.#process = spawn(process.execPath, [MAIN], { env: { PATH: process.env.PATH, ...env }, stdio: 'pipe' });
    this.#process.stdout!.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.#process.stderr!.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.exited = new Promise((resolve) =>
      this.#process.once('close', (code) => resolve((this.exitCode = code ?? -1))),
    );
  }

  /** Starts it on a free port unless `env` names one, without waiting for it. */
  static async launch(env: Readonly<Record<string, string>>): Promise<BuiltApp> {
    const port = Number(env.PORT ?? (await freePort()));
    return new BuiltApp(`http://localhost:${port}`, { PORT: String(port), ...env });
  }

  /** Starts it and waits until it is ready for requests. */
  static async start(env: Readonly<Record<string, string>>): Promise<BuiltApp> {
    const app = await BuiltApp.launch(env);
    await eventually(() => app.exitCode !== null || app.#isReady(), 'the start of dist/main.js', START_MS);
    if (app.exitCode !== null) throw new Error(`dist/main.js ended with ${app.exitCode}:\n${app.stderr}`);
    return app;
  }

  async #isReady(): Promise<boolean> {
    const answer = await fetch(`${this.url}/readyz`).catch(() => null);
    return answer?.status === 200;
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Stops it, and kills it when that fails. Returns the exit code. */
  async stop(): Promise<number> {
    if (this.exitCode !== null) return this.exitCode;
    const killer = setTimeout(() => this.signal('SIGKILL'), STOP_MS);
    this.signal('SIGTERM');
    const code = await this.exited;
    clearTimeout(killer);
    return code;
  }
}

/** The variables that a deployment on a shared database must set; without one, DATA_DIR alone. */
export const deployedOn = (database: Pick<TestDatabase, 'url'>, dataDir: string): Record<string, string> =>
  database.url
    ? {
        DATABASE_URL: database.url,
        ENCRYPTION_KEYS: randomBytes(32).toString('base64'),
        ADMIN_EMAIL: 'owner@example.com',
        ADMIN_PASSWORD: 'correct horse battery staple',
        HOST: '127.0.0.1',
      }
    : { DATA_DIR: dataDir };
