import { isCardNumber, MAX_CARD_DIGITS } from './card-issuers.js';
import { type Detector, isDigit, type Span } from './detector.js';
import { readDigitRun, findNextDigit, isStandalone } from './digit-groups.js';

/** Space, hyphen, no-break space. */
const isSeparator = (code: number): boolean => code === 0x20 || code === 0x2d || code === 0xa0;

/** Cards are not written in more groups than this. */
const MAX_GROUPS = 6;

/** A card with its separators, plus one that may follow. */
const MAX_SPAN_CHARS = MAX_CARD_DIGITS + MAX_GROUPS;

/** Card numbers: digits and length of an issuer, with a correct check digit, in one group or several. */
export const creditCardDetector: Detector = {
  mask: '[credit card]',
  description: 'a credit card number',
  find(text) {
    const found: Span[] = [];
    for (let at = findNextDigit(text, 0); at >= 0;) {
      const { groups, end } = readDigitRun(text, at, isSeparator);
      for (let first = 0; first < groups.length;) {
        const last = findCardEnd(text, groups, first);
        if (last >= 0) found.push({ start: groups[first]!.start, end: groups[last]!.end });
        first = last >= 0 ? last + 1 : first + 1;
      }
      at = findNextDigit(text, end);
    }
    return found;
  },
  findOpenStart(text) {
    const min = Math.max(0, text.length - MAX_SPAN_CHARS);
    let open = text.length;
    for (let at = text.length - 1; at >= min; at--) {
      const code = text.charCodeAt(at);
      if (isDigit(code)) open = at;
      else if (!isSeparator(code) && !(at === text.length - 1 && (code === 0x2e || code === 0x2c))) break;
      else if (isSeparator(code) && isSeparator(text.charCodeAt(at - 1))) break;
    }
    return open;
  },
};

/** Returns the last group of the longest card that begins with the group `first`; -1 if there is none. */
function findCardEnd(text: string, groups: readonly Span[], first: number): number {
  const { start } = groups[first]!;
  let digits = '';
  let found = -1;
  const separator = text.charCodeAt(groups[first]!.end);
  for (let last = first; last < groups.length && last < first + MAX_GROUPS; last++) {
    const group = groups[last]!;
    if (last > first && text.charCodeAt(group.start - 1) !== separator) break;
    if (digits.length + group.end - group.start > MAX_CARD_DIGITS) break;
    digits += text.slice(group.start, group.end);
    if (isCardNumber(digits) && isStandalone(text, { start, end: group.end })) found = last;
  }
  return found;
}
