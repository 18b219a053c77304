/** The built gateway as a process of its own, with the clients that suites call it by. */
import { AdminClient } from './admin-client.js';
import { BuiltApp } from './built-app.js';
import { WireClient } from './wire-client.js';

export interface GatewayProcess {
  wire: WireClient;
  admin: AdminClient;
  /** What it has written so far. */
  output(): string;
  /** Closes the client's connections and asks the process to stop. Gives the exit code. */
  stop(): Promise<number>;
}

/** Resolves when the process is ready for requests. */
export async function startProcess(env: Record<string, string>): Promise<GatewayProcess> {
  const app = await BuiltApp.start({ HOST: '127.0.0.1', ...env });
  const url = app.url.replace('localhost', '127.0.0.1');
  const wire = new WireClient(url);
  return {
    wire,
    admin: new AdminClient(url, env.BOOTSTRAP_API_KEY ?? null),
    output: () => app.stdout + app.stderr,
    stop: () => {
      wire.close();
      return app.stop();
    },
  };
}
