import { type Detector, isAlphanumeric, type Span } from './detector.js';

const BEGIN = '-----BEGIN ';
const END = '-----END ';
const DASHES = '-----';
const HYPHEN = 0x2d;
const MAX_LABEL_CHARS = 40;
const MAX_FOOTER_CHARS = MAX_LABEL_CHARS + END.length + DASHES.length;

/** A key of 8,192 bits is 6.4 KB long. */
const MAX_KEY_CHARS = 8_192;

/** Labels of RFC 7468, OpenSSH and OpenPGP, for every kind of private key. */
const LABEL = /^(?:[A-Z0-9]{1,12} ){0,2}PRIVATE KEY(?: BLOCK)?$/;

/** Private keys in text, up to their last line; if it is missing, as far as the key extends. */
export const privateKeyDetector: Detector = {
  mask: '[private key]',
  description: 'a private key',
  find(text) {
    const found: Span[] = [];
    for (let start = text.indexOf(BEGIN); start >= 0;) {
      const body = findBodyStart(text, start);
      const end = body < 0 ? start + BEGIN.length : findKeyEnd(text, start, body);
      if (body >= 0) found.push({ start, end });
      start = text.indexOf(BEGIN, end);
    }
    return found;
  },
  findOpenStart(text) {
    const start = text.lastIndexOf(BEGIN);
    if (start >= 0 && isOpen(text, start)) return start;
    for (let length = Math.min(BEGIN.length - 1, text.length); length > 0; length--)
      if (text.endsWith(BEGIN.slice(0, length))) return text.length - length;
    return text.length;
  },
};

/** Returns the offset after the first line of a private key that begins at `start`; -1 for other armored text. */
function findBodyStart(text: string, start: number): number {
  const label = text.slice(start + BEGIN.length, start + BEGIN.length + MAX_LABEL_CHARS + DASHES.length);
  const dashes = label.indexOf(DASHES);
  return dashes >= 0 && LABEL.test(label.slice(0, dashes)) ? start + BEGIN.length + dashes + DASHES.length : -1;
}

/** Returns the offset after the last line; if it is missing, after the characters that a key may contain. */
function findKeyEnd(text: string, start: number, body: number): number {
  const end = findBodyEnd(text, start, body);
  const footer = text.slice(end, end + MAX_FOOTER_CHARS);
  const dashes = footer.startsWith(END) ? footer.indexOf(DASHES, END.length) : -1;
  return dashes < 0 ? end : end + dashes + DASHES.length;
}

/**
 * Returns the end of the characters that a key may contain: base64, its headers, white space, and the same with
 * escapes.
 */
function findBodyEnd(text: string, start: number, body: number): number {
  const max = Math.min(text.length, start + MAX_KEY_CHARS);
  for (let at = body; at < max; at++) {
    const code = text.charCodeAt(at);
    if (!isOfBody(code) || (code === HYPHEN && text.startsWith(DASHES, at))) return at;
  }
  return max;
}

const OTHERS = new Set([...'+/= \n\r\t:,-\\"\'.'].map((sign) => sign.charCodeAt(0)));
const isOfBody = (code: number): boolean => isAlphanumeric(code) || OTHERS.has(code);

function isOpen(text: string, start: number): boolean {
  const rest = text.length - start;
  if (rest >= MAX_KEY_CHARS) return false;
  const body = findBodyStart(text, start);
  if (body < 0) return rest < MAX_FOOTER_CHARS && /^[A-Z0-9 -]*$/.test(text.slice(start));
  const footer = text.slice(findBodyEnd(text, start, body));
  if (footer.length < END.length) return END.startsWith(footer);
  return footer.startsWith(END) && footer.length < MAX_FOOTER_CHARS && !footer.includes(DASHES, END.length);
}
