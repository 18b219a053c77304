import cluster from 'node:cluster';

/** Prevents a busy loop of replacing workers that die during their start. */
const RESTART_MS = 1_000;

/**
 * Keeps `count` worker processes running until SIGTERM or SIGINT, and then stops them. Resolves with the exit code: 0
 * after all have ended, 1 when that takes longer than `timeoutMs`.
 */
export function superviseWorkers(count: number, timeoutMs: number): Promise<number> {
  let isStopping = false;
  for (let i = 0; i < count; i++) cluster.fork();
  return new Promise((resolve) => {
    cluster.on('exit', (worker, code, signal) => {
      if (isStopping) {
        if (Object.keys(cluster.workers ?? {}).length === 0) resolve(0);
        return;
      }
      process.stderr.write(`worker ${worker.process.pid} ended (${signal ?? code}); starting another\n`);
      setTimeout(() => isStopping || cluster.fork(), RESTART_MS);
    });
    const stop = (): void => {
      if (isStopping) return;
      isStopping = true;
      for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGTERM');
      setTimeout(() => resolve(1), timeoutMs).unref();
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  });
}
