/** Telling whether a process of this host still lives, from a text that it left behind. */
import { readFileSync } from 'node:fs';

/** The process id and, on Linux, its start time: a process id alone may have been given to somebody else since. */
export function holderOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Field 22 of proc(5), counted behind the command's closing bracket, which may hold spaces itself.
    return `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    return String(pid);
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
