/** The one source of the present, so that tests can move it. Injected wherever a decision depends on the time. */
export class Clock {
  /** Unix milliseconds. */
  now(): number {
    return Date.now();
  }
}
