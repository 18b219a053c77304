import { type Detector, isAlphanumeric, isLetter, isWord, type Span, findTailStart } from './detector.js';

/** RFC 5321 §4.5.3.1. No domain that mail reaches has more than 190 characters. */
const MAX_LOCAL_CHARS = 64;
const MAX_DOMAIN_CHARS = 190;
const AT = 0x40;
const DOT = 0x2e;
const HYPHEN = 0x2d;

const isLocal = (code: number): boolean =>
  isAlphanumeric(code) ||
  code === DOT ||
  code === HYPHEN ||
  code === 0x5f ||
  code === 0x25 ||
  code === 0x2b ||
  code === 0x27;
const isDomain = (code: number): boolean => isAlphanumeric(code) || code === DOT || code === HYPHEN;

/** Endings of file names (`icon@2x.png`), which no domain has. */
const FILE_EXTENSIONS = new Set([
  'png',
  'jpg',
  'jpeg',
  'gif',
  'webp',
  'svg',
  'js',
  'mjs',
  'cjs',
  'css',
  'ts',
  'tsx',
  'jsx',
  'json',
  'html',
]);

/** E-mail addresses: a local part, and a domain of two labels or more. */
export const emailDetector: Detector = {
  mask: '[e-mail]',
  description: 'an e-mail address',
  find(text) {
    const found: Span[] = [];
    let free = 0;
    for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
      const start = findLocalStart(text, at, free);
      const end = findDomainEnd(text, at + 1);
      if (start === at || end < 0 || isRepository(text, start, at, end)) continue;
      found.push({ start, end });
      free = end;
    }
    return found;
  },
  findOpenStart(text) {
    const domain = findTailStart(text, isDomain, MAX_DOMAIN_CHARS);
    if (text.charCodeAt(domain - 1) === AT) return findLocalStart(text, domain - 1, 0);
    return findTailStart(text, isLocal, MAX_LOCAL_CHARS);
  },
};

function findLocalStart(text: string, at: number, free: number): number {
  const min = Math.max(free, at - MAX_LOCAL_CHARS);
  let start = at;
  while (start > min && isLocal(text.charCodeAt(start - 1))) start--;
  while (start < at && !isAlphanumeric(text.charCodeAt(start)) && text.charCodeAt(start) !== 0x5f) start++;
  return text.charCodeAt(at - 1) === DOT ? at : start;
}

/** Returns the end of the domain that begins at `from`, without punctuation after it; -1 if it is not a domain. */
function findDomainEnd(text: string, from: number): number {
  const max = Math.min(text.length, from + MAX_DOMAIN_CHARS);
  let end = from;
  while (end < max && isDomain(text.charCodeAt(end))) end++;
  if (isWord(text.charCodeAt(end)) || text.charCodeAt(end) === AT) return -1;
  while (end > from && !isAlphanumeric(text.charCodeAt(end - 1))) end--;
  const labels = text.slice(from, end).split('.');
  const top = labels.at(-1)!;
  if (labels.length < 2 || labels.some((label) => label === '' || label.startsWith('-') || label.endsWith('-')))
    return -1;
  return top.length >= 2 && isLetter(top.charCodeAt(0)) && !FILE_EXTENSIONS.has(top.toLowerCase()) ? end : -1;
}

/** `git@host.example:group/project` is the address of a repository. */
const isRepository = (text: string, start: number, at: number, end: number): boolean =>
  text.slice(start, at) === 'git' && text[end] === ':';
