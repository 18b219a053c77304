/** Runs the built `gatehouse` command as a user would: in a process of its own, on a data directory of its own. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { copyMigratedDatabase } from './databases.js';
import { freePort } from './gateway.js';

const CLI = resolve(import.meta.dirname, '../../../dist/cli.js');

export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

export type Environment = Readonly<Record<string, string>>;

/** Passes only what finding Node requires of the test's own environment. */
const childEnvironment = (env: Environment): Record<string, string> => ({ PATH: process.env.PATH ?? '', ...env });

/** Resolves with the outcome, for any exit code. */
export function gatehouse(args: readonly string[], env: Environment): Promise<Outcome> {
  return new Promise((done) => {
    execFile(process.execPath, [CLI, ...args], { env: childEnvironment(env) }, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

export interface RunningCommand {
  /** Standard output so far. */
  output(): string;
  /** Sends SIGTERM and waits. Resolves with the exit code. */
  stop(): Promise<number | null>;
}

/** Runs a command that keeps running, until its output matches `ready`. */
export async function started(args: readonly string[], env: Environment, ready: RegExp): Promise<RunningCommand> {
  const child: ChildProcess = spawn(process.execPath, [CLI, ...args], { env: childEnvironment(env) });
  const exited = new Promise<number | null>((done) => child.once('exit', (code) => done(code)));
  let output = '';
  let complaints = '';
  child.stderr!.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  await new Promise<void>((done, fail) => {
    child.stdout!.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (ready.test(output)) done();
    });
    void exited.then((code) => fail(new Error(`it ended with ${code}: ${output}${complaints}`)));
  });
  return {
    output: () => output,
    stop: () => {
      child.kill('SIGTERM');
      return exited;
    },
  };
}

/**
 * A data directory with a migrated database, or an empty one, with an owner for scripts: `at` returns its environment with
 * the given encryption keys.
 */
export async function createDataDir({ isEmpty = false } = {}) {
  if (!existsSync(CLI)) throw new Error('dist/cli.js is missing: run `npm run build` first');
  const dataDir = mkdtempSync(join(tmpdir(), 'gatehouse-cli-'));
  if (!isEmpty) copyMigratedDatabase(dataDir);
  const port = await freePort();
  const adminKey = `arch_api_${randomBytes(32).toString('base64url')}`;
  return {
    dataDir,
    adminKey,
    url: `http://localhost:${port}`,
    at: (...encryptionKeys: readonly string[]): Environment => ({
      DATA_DIR: dataDir,
      PORT: String(port),
      LOG_LEVEL: 'warn',
      ENCRYPTION_KEYS: encryptionKeys.join(','),
      ADMIN_EMAIL: 'owner@example.com',
      ADMIN_PASSWORD: 'correct horse battery staple',
      BOOTSTRAP_API_KEY: adminKey,
      UPSTREAM_ALLOWED_HOSTS: '127.0.0.1',
    }),
    remove: () => rmSync(dataDir, { recursive: true, force: true }),
  };
}

export const encryptionKey = (): string => randomBytes(32).toString('base64');
