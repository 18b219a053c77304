/** The version of this program, and the order of versions (Semantic Versioning 2.0.0 §11). */
import { readFileSync } from 'node:fs';

/** `1.2.3`, or a pre-release of it: `1.2.3-rc.1`. Build metadata (`+…`) has no part in the order. */
const VERSION = /^(\d+)\.(\d+)\.(\d+)(-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;

/** Version in `package.json`. */
export const PROGRAM_VERSION: string = readVersion();

/**
 * Whether `version` is `oldest` or later. A pre-release is older than its release; different pre-releases of one
 * release are not ordered (false). False if either text is not a version.
 */
export function isAtLeast(version: string, oldest: string): boolean {
  const [actual, required] = [VERSION.exec(version), VERSION.exec(oldest)];
  if (!actual || !required) return false;
  for (const part of [1, 2, 3]) {
    const difference = Number(actual[part]) - Number(required[part]);
    if (difference !== 0) return difference > 0;
  }
  return actual[4] === undefined || actual[4] === required[4];
}

function readVersion(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
