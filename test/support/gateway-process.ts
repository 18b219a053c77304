/** The built gateway as a process of its own (`node dist/main.js`), as it is deployed. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { AdminClient } from './admin-client.js';
import { freePort } from './gateway.js';
import { eventually, WireClient } from './wire-client.js';

export interface GatewayProcess {
  child: ChildProcess;
  wire: WireClient;
  admin: AdminClient;
  /** What it has written so far. */
  output(): string;
  /** SIGTERM; the exit code. */
  stop(): Promise<number | null>;
}

/** Resolves when the process is ready for requests. */
export async function startProcess(env: Record<string, string>): Promise<GatewayProcess> {
  const port = await freePort();
  const child = spawn(process.execPath, ['dist/main.js'], {
    env: { PATH: process.env.PATH ?? '', HOST: '127.0.0.1', PORT: String(port), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const url = `http://127.0.0.1:${port}`;
  const wire = new WireClient(url);
  const ready = async (): Promise<boolean> => {
    if (child.exitCode !== null) throw new Error(`the gateway ended with ${child.exitCode}: ${output}`);
    return wire.call('GET', '/readyz').then(
      ({ status }) => status === 200,
      () => false,
    );
  };
  await eventually(ready, 'the process to be ready', 30_000);
  return {
    child,
    wire,
    admin: new AdminClient(url, env.BOOTSTRAP_API_KEY ?? null),
    output: () => output,
    stop: async () => {
      wire.close();
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
      return child.exitCode;
    },
  };
}
