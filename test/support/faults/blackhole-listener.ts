/**
 * A port that loses connection requests (SYN), as behind a firewall that drops them: a stopped process listens there,
 * its queue is full, and Linux ignores what does not fit (tcp(7), listen(2)).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';

const LISTEN = `require('net').createServer().listen({ port: +process.argv[1], host: '127.0.0.1', backlog: 1 }, () => console.log('listening'))`;
/** The queue holds one more than its backlog; further connections are already lost. */
const FILLING = 4;

export interface BlackholeListener {
  stop(): Promise<void>;
}

export async function listenDeafly(port: number): Promise<BlackholeListener> {
  const listener = spawn(process.execPath, ['-e', LISTEN, String(port)], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(listener.stdout, 'data');
  listener.kill('SIGSTOP');
  const filling = Array.from({ length: FILLING }, () => connect(port, '127.0.0.1').on('error', () => undefined));
  await Promise.all(filling.slice(0, 2).map((socket) => once(socket, 'connect')));
  return {
    stop: async () => {
      for (const socket of filling) socket.destroy();
      const ended = once(listener, 'exit');
      listener.kill('SIGKILL');
      await ended;
    },
  };
}
