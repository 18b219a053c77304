/**
 * Matches patterns for the subjects of workloads, such as `repo:acme/app:ref:refs/heads/*`. Pure, and linear in the
 * length of the subject times the number of stars, so that no pattern can block the process.
 */
export function matchesSubject(pattern: string, subject: string): boolean {
  const [prefix, ...rest] = pattern.split('*') as [string, ...string[]];
  if (rest.length === 0) return pattern === subject;
  if (!subject.startsWith(prefix)) return false;
  const suffix = rest.pop()!;
  let at = prefix.length;
  for (const part of rest) {
    const found = subject.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return subject.length - suffix.length >= at && subject.endsWith(suffix);
}
