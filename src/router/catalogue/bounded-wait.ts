/** What comes within the time, or null; a failure within the time is thrown. What comes later is let go. */
export function within<T>(milliseconds: number, coming: Promise<T>): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(null), milliseconds);
    coming.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
