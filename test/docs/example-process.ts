/** Runs an example as its reader would: as a process of its own, configured by its environment. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface RunningExample {
  /** Resolves with the first match in its output. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
  exited: Promise<{ code: number | null; stdout: string; stderr: string }>;
}

export function runExample(file: string, env: Readonly<Record<string, string>>): RunningExample {
  const path = fileURLToPath(new URL(`../../examples/${file}`, import.meta.url));
  const program = file.endsWith('.sh') ? 'bash' : process.execPath;
  const child = spawn(program, [path], { env: { PATH: process.env.PATH, ...env }, stdio: 'pipe' });
  let stdout = '';
  let stderr = '';
  const looking = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    for (const look of looking) look();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const exited = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, stdout, stderr })),
  );
  const until = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = pattern.exec(stdout);
        if (found) resolve(found);
      };
      looking.add(look);
      look();
      void exited.then(({ code }) => reject(new Error(`${file} ended with ${code}: ${stdout}${stderr}`)));
    });
  return { until, exited };
}
