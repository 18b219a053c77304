import { LinearPattern } from '../platform/patterns/linear-pattern.js';
import type { Detector } from './detector.js';

/**
 * Finds matches of an administrator's pattern. `name` is the guardrail's. Throws an Error for a pattern that cannot be
 * used.
 */
export function createPatternDetector(name: string, source: string): Detector {
  const pattern = new LinearPattern(source);
  return {
    mask: `[${name}]`,
    description: `what the pattern of "${name}" describes`,
    find: (text) => pattern.find(text),
    findOpenStart(text) {
      const open = Math.max(0, text.length - pattern.maxMatchLength);
      return pattern.mayContainSpace ? open : open + findWordStart(text.slice(open));
    },
  };
}

/** Returns the start of the last word. */
function findWordStart(text: string): number {
  let at = text.length;
  while (at > 0 && !/\s/.test(text[at - 1]!)) at--;
  return at;
}
