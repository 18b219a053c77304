import { type Detector, isAlphanumeric, isDigit, isLetter, type Span } from './detector.js';
import { isUrlSafe, SECRET_FORMS, type SecretForm } from './secret-forms.js';

const PREFIXES = new RegExp(
  `(?<![A-Za-z0-9_-])(?:${[...SECRET_FORMS.map(({ prefix }) => prefix), 'eyJ'].map((prefix) => prefix.replace(/[./]/g, '\\$&')).join('|')})`,
  'g',
);
const BY_PREFIX = new Map(SECRET_FORMS.map((form) => [form.prefix, form]));
const MAX_PREFIX_CHARS = Math.max(...SECRET_FORMS.map(({ prefix }) => prefix.length));

/**
 * An AWS secret has no form of its own: the name before it identifies it. Quantifiers are bounded, and none is nested.
 */
const AWS_SECRET =
  /secret[_ -]?(?:access[_ -]?)?key\\?["']?\s{0,3}[:=]{0,2}\s{0,3}\\?["']?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/gi;
const AWS_OPEN = /secret[_ -]?(?:access[_ -]?)?key\\?["']?\s{0,3}[:=]{0,2}\s{0,3}\\?["']?([A-Za-z0-9/+]{1,40})$/i;
const AWS_TAIL_CHARS = 96;
const MAX_FORM_CHARS = MAX_PREFIX_CHARS + Math.max(...SECRET_FORMS.map(({ max }) => max));
const AZURE_KEY = /AccountKey=[A-Za-z0-9+/]{86}==/g;

/** Longer tokens are cut off here: no header carries them. */
const MAX_JWT_CHARS = 4_096;
const MIN_PART_CHARS = 8;

/** Secrets of clouds and APIs that their form identifies, and JSON web tokens. */
export const secretDetector: Detector = {
  mask: '[secret]',
  description: 'a secret',
  find(text) {
    const found: Span[] = [];
    PREFIXES.lastIndex = 0;
    let noTokenBefore = 0;
    for (let hit = PREFIXES.exec(text); hit; hit = PREFIXES.exec(text)) {
      const form = BY_PREFIX.get(hit[0]);
      if (!form && hit.index < noTokenBefore) continue;
      const end = form ? findSecretEnd(text, hit.index, form) : findJwtEnd(text, hit.index);
      // a token that begins within the same first part would fail too
      if (!form && end < 0) noTokenBefore = findPartEnd(text, hit.index, hit.index + MAX_JWT_CHARS);
      if (end < 0) continue;
      found.push({ start: hit.index, end });
      PREFIXES.lastIndex = end;
    }
    for (const match of text.matchAll(AWS_SECRET)) {
      const end = match.index + match[0].length;
      found.push({ start: end - match[1]!.length, end });
    }
    for (const match of text.matchAll(AZURE_KEY))
      found.push({ start: match.index, end: match.index + match[0].length });
    return removeOverlaps(found);
  },
  findOpenStart(text) {
    return Math.min(findOpenForm(text), findOpenAwsSecret(text));
  },
};

function findSecretEnd(text: string, start: number, { prefix, isIn, min, max, isMixed }: SecretForm): number {
  const from = start + prefix.length;
  let end = from;
  while (end < from + max && isIn(text.charCodeAt(end))) end++;
  if (end - from < min || (min === max && isUrlSafe(text.charCodeAt(end)))) return -1;
  return isMixed && !hasBoth(text, from, end) ? -1 : end;
}

function hasBoth(text: string, from: number, end: number): boolean {
  let digits = 0;
  let letters = 0;
  for (let at = from; at < end; at++) {
    if (isDigit(text.charCodeAt(at))) digits++;
    else if (isLetter(text.charCodeAt(at))) letters++;
  }
  return digits > 1 && letters > 1;
}

/** Returns the end of three parts in base64url, of which the first two are JSON objects (RFC 7519); else -1. */
function findJwtEnd(text: string, start: number): number {
  const max = Math.min(text.length, start + MAX_JWT_CHARS);
  const header = findPartEnd(text, start, max);
  if (header - start < MIN_PART_CHARS || text[header] !== '.' || !text.startsWith('eyJ', header + 1)) return -1;
  const payload = findPartEnd(text, header + 1, max);
  if (payload - header < MIN_PART_CHARS || text[payload] !== '.') return -1;
  const end = findPartEnd(text, payload + 1, max);
  return end - payload < MIN_PART_CHARS ? -1 : end;
}

function findPartEnd(text: string, from: number, max: number): number {
  let end = from;
  while (end < max && isUrlSafe(text.charCodeAt(end))) end++;
  return end;
}

/** Returns the spans in order; of two that overlap, the first. */
function removeOverlaps(spans: Span[]): Span[] {
  spans.sort((a, b) => a.start - b.start);
  return spans.filter(({ start }, i) => i === 0 || start >= spans[i - 1]!.end);
}

/** Returns the start of a token at the end of the text that looks like a secret, or may with more text. */
function findOpenForm(text: string): number {
  const last = findTokenStart(text);
  for (let at = last; at < text.length; at++) {
    if (isUrlSafe(text.charCodeAt(at - 1))) continue;
    // farther back, only a JSON web token can still be open
    if (text.length - at > MAX_FORM_CHARS && text[at] !== 'e') continue;
    if (isOpen(text, at)) return at;
  }
  return text.length;
}

const isOfToken = (code: number): boolean =>
  isUrlSafe(code) || code === 0x2e || code === 0x2f || code === 0x3a || code === 0x3d;

function findTokenStart(text: string): number {
  const min = Math.max(0, text.length - MAX_JWT_CHARS);
  let at = text.length;
  while (at > min && isOfToken(text.charCodeAt(at - 1))) at--;
  return at;
}

function isOpen(text: string, at: number): boolean {
  const rest = text.length - at;
  const head = text.slice(at, at + MAX_PREFIX_CHARS);
  if (head.startsWith('eyJ') || 'eyJ'.startsWith(head)) {
    const end = findPartsEnd(text, at);
    return end === text.length && rest < MAX_JWT_CHARS;
  }
  return SECRET_FORMS.some(({ prefix, isIn, max }) => {
    if (rest <= prefix.length) return prefix.startsWith(head);
    if (!head.startsWith(prefix) || rest > prefix.length + max) return false;
    for (let i = at + prefix.length; i < text.length; i++) if (!isIn(text.charCodeAt(i))) return false;
    return true;
  });
}

function findPartsEnd(text: string, from: number): number {
  let end = from;
  for (let dots = 0; end < text.length; end++) {
    if (isUrlSafe(text.charCodeAt(end))) continue;
    if (text[end] !== '.' || ++dots > 2) return end;
  }
  return end;
}

function findOpenAwsSecret(text: string): number {
  if (!isAlphanumeric(text.charCodeAt(text.length - 1)) && !/[/+]$/.test(text)) return text.length;
  const tail = text.slice(-AWS_TAIL_CHARS);
  const match = AWS_OPEN.exec(tail);
  return match ? text.length - match[1]!.length : text.length;
}
