/** Identifies a process of this host in a text that it leaves behind, to detect later whether it is still alive. */
import { readFileSync } from 'node:fs';

/** The process id and, on Linux, its start time: the system may have given the process id to another process since. */
export function getProcessIdentity(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Field 22 of proc(5), counted after the closing bracket of the command, which may itself contain spaces.
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
