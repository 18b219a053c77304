/** The one source of the present, so that tests can move it. Injected wherever a decision depends on the time. */
export class Clock {
  /** Unix milliseconds. Jumps when the system's clock is corrected: for instants that are stored, shown or compared with such. */
  now(): number {
    return Date.now();
  }

  /**
   * Milliseconds since an arbitrary instant of this process. Never jumps: for ages and waits. Meaningless to other
   * processes and after a restart.
   */
  monotonicNow(): number {
    return performance.now();
  }
}
