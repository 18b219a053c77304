/**
 * Matches patterns for the subjects of workloads, such as `repo:acme/app:ref:refs/heads/*`. Pure, and linear in the
 * length of the subject times the number of stars, so that no pattern can block the process.
 */
export function matchesSubject(pattern: string, subject: string): boolean {
  const [first, ...rest] = pattern.split('*') as [string, ...string[]];
  if (rest.length === 0) return pattern === subject;
  if (!subject.startsWith(first)) return false;
  const last = rest.pop()!;
  let at = first.length;
  for (const part of rest) {
    const found = subject.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return subject.length - last.length >= at && subject.endsWith(last);
}
