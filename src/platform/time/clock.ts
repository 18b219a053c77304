/** The only source of the current time, so that tests can move it. Injected wherever a decision depends on the time. */
export class Clock {
  /**
   * Unix milliseconds. Jumps when the system clock is corrected. For timestamps that are stored, shown or compared with
   * stored ones.
   */
  now(): number {
    return Date.now();
  }

  /**
   * Milliseconds since an arbitrary moment of this process. Never jumps: for ages and waits. Meaningless to other
   * processes and after a restart.
   */
  monotonicNow(): number {
    return performance.now();
  }
}
