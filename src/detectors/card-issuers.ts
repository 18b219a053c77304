/** Card numbers of issuers (ISO/IEC 7812): first digits, and total number of digits. */
interface Issuer {
  readonly from: number;
  readonly to: number;
  readonly lengths: readonly number[];
}

const upTo19 = [16, 17, 18, 19];
const maestro = [12, 13, 14, 15, 16, 17, 18, 19];
const defineIssuer = (from: number, to: number, lengths: readonly number[]): Issuer => ({ from, to, lengths });

/** By the first four digits. */
const ISSUERS: readonly Issuer[] = [
  defineIssuer(4000, 4999, [13, 16, 19]), // Visa
  defineIssuer(5100, 5599, [16]), // Mastercard
  defineIssuer(2221, 2720, [16]), // Mastercard
  defineIssuer(3400, 3499, [15]), // American Express
  defineIssuer(3700, 3799, [15]), // American Express
  defineIssuer(3000, 3059, [14, ...upTo19]), // Diners Club
  defineIssuer(3095, 3095, [14, ...upTo19]), // Diners Club
  defineIssuer(3600, 3699, [14, ...upTo19]), // Diners Club
  defineIssuer(3800, 3999, [14, ...upTo19]), // Diners Club
  defineIssuer(6011, 6011, upTo19), // Discover
  defineIssuer(6440, 6599, upTo19), // Discover
  defineIssuer(3528, 3589, upTo19), // JCB
  defineIssuer(6200, 6299, upTo19), // UnionPay
  defineIssuer(2200, 2204, upTo19), // Mir
  defineIssuer(5080, 5089, [16]), // RuPay
  defineIssuer(6000, 6099, [16]), // RuPay
  ...[5018, 5020, 5038, 5893, 6304, 6759, 6761, 6762, 6763].map((prefix) => defineIssuer(prefix, prefix, maestro)),
];

export const MIN_CARD_DIGITS = 12;
export const MAX_CARD_DIGITS = 19;

/** Whether an issuer uses such numbers, and the check digit is correct (Luhn). `digits` contains only digits. */
export function isCardNumber(digits: string): boolean {
  if (digits.length < MIN_CARD_DIGITS || digits.length > MAX_CARD_DIGITS) return false;
  const prefix = Number(digits.slice(0, 4));
  return (
    ISSUERS.some((at) => prefix >= at.from && prefix <= at.to && at.lengths.includes(digits.length)) &&
    isLuhnValid(digits)
  );
}

function isLuhnValid(digits: string): boolean {
  let sum = 0;
  for (let i = digits.length - 1, doubled = false; i >= 0; i--, doubled = !doubled) {
    const digit = digits.charCodeAt(i) - 0x30;
    sum += doubled ? (digit > 4 ? 2 * digit - 9 : 2 * digit) : digit;
  }
  return sum % 10 === 0;
}
