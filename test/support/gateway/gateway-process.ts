/** The built gateway as a process of its own, with the clients that suites call it with. */
import { AdminClient } from '../http/admin-client.js';
import { BuiltApp } from './built-app.js';
import { WireClient } from '../http/wire-client.js';

export interface GatewayProcess {
  /** The process's own address, which may differ from its public one. */
  url: string;
  wire: WireClient;
  admin: AdminClient;
  /** Returns the output so far. */
  output(): string;
  /** Closes the client's connections and stops the process. Returns the exit code. */
  stop(): Promise<number>;
  /** Kills the process. */
  kill(): Promise<void>;
}

/** Resolves when the process is ready for requests. */
export async function startProcess(env: Record<string, string>): Promise<GatewayProcess> {
  const app = await BuiltApp.start({ HOST: '127.0.0.1', ...env });
  const url = app.url.replace('localhost', '127.0.0.1');
  const wire = new WireClient(url);
  return {
    url: app.url,
    wire,
    admin: new AdminClient(url, env.BOOTSTRAP_API_KEY ?? null),
    output: () => app.stdout + app.stderr,
    stop: () => {
      wire.close();
      return app.stop();
    },
    kill: async () => {
      wire.close();
      app.signal('SIGKILL');
      await app.exited;
    },
  };
}
