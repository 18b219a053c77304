/**
 * Resolves with the result of `coming`, or with null when the time is over. Rejects with a failure that occurs within
 * the time. Ignores later results and failures.
 */
export function waitAtMost<T>(milliseconds: number, promise: Promise<T>): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(null), milliseconds);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
