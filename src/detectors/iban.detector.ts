import { type Detector, isAlphanumeric, isDigit, isLetter, isWord, type Span } from './detector.js';

/** Characters of an IBAN by country, from the registry of ISO 13616. */
const LENGTHS: Readonly<Record<string, number>> = Object.fromEntries(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 ' +
    'FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 ' +
    'LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 ' +
    'RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

/** The longest IBAN, in groups of four. */
const MAX_SPAN_CHARS = 33 + 8;

const isSpace = (code: number): boolean => code === 0x20 || code === 0x2d || code === 0xa0;

/** International bank account numbers of the length of their country, with a correct check by ISO 7064 (mod 97). */
export const ibanDetector: Detector = {
  mask: '[IBAN]',
  description: 'an IBAN',
  find(text) {
    const found: Span[] = [];
    for (let at = 0; at < text.length; at++) {
      if (!isDigit(text.charCodeAt(at)) || !isLetter(text.charCodeAt(at - 1))) continue;
      const start = at - 2;
      const end = start >= 0 && mayBegin(text, start) ? findIbanEnd(text, start) : -1;
      if (end < 0) continue;
      found.push({ start, end });
      at = end;
    }
    return found;
  },
  findOpenStart(text) {
    for (let at = Math.max(0, text.length - MAX_SPAN_CHARS); at < text.length; at++) if (isOpen(text, at)) return at;
    return text.length;
  },
};

/** Whether two letters and two digits begin at `at`, not within a word. */
function mayBegin(text: string, at: number): boolean {
  return (
    isLetter(text.charCodeAt(at)) &&
    isLetter(text.charCodeAt(at + 1)) &&
    isDigit(text.charCodeAt(at + 2)) &&
    isDigit(text.charCodeAt(at + 3)) &&
    !isWord(text.charCodeAt(at - 1))
  );
}

const getIbanLength = (text: string, at: number): number => LENGTHS[text.slice(at, at + 2).toUpperCase()] ?? 0;

/** Returns the offset after the IBAN that begins at `start`; -1 if there is none. */
function findIbanEnd(text: string, start: number): number {
  const length = getIbanLength(text, start);
  let at = start;
  let characters = '';
  while (characters.length < length) {
    const code = text.charCodeAt(at);
    if (isAlphanumeric(code)) characters += text[at];
    else if (!isSpace(code) || isSpace(text.charCodeAt(at - 1))) return -1;
    at++;
  }
  return length > 0 && !isWord(text.charCodeAt(at)) && isChecksumValid(characters.toUpperCase()) ? at : -1;
}

function isChecksumValid(iban: string): boolean {
  let remainder = 0;
  for (let i = 0; i < iban.length; i++) {
    const code = iban.charCodeAt((i + 4) % iban.length);
    remainder = isDigit(code) ? (remainder * 10 + code - 0x30) % 97 : (remainder * 100 + code - 0x37) % 97;
  }
  return remainder === 1;
}

/** Whether the text from `at` to the end could become an IBAN, or is one that a letter would undo. */
function isOpen(text: string, at: number): boolean {
  const rest = text.length - at;
  if (!isLetter(text.charCodeAt(at)) || isWord(text.charCodeAt(at - 1))) return false;
  if (rest > 1 && !isLetter(text.charCodeAt(at + 1))) return false;
  if (rest > 2 && !isDigit(text.charCodeAt(at + 2))) return false;
  if (rest > 3 && !isDigit(text.charCodeAt(at + 3))) return false;
  const length = rest > 1 ? getIbanLength(text, at) : MAX_SPAN_CHARS;
  let characters = 0;
  for (let i = at; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (isAlphanumeric(code)) characters++;
    else if (!isSpace(code) || characters === length) return false;
  }
  return characters <= length;
}
