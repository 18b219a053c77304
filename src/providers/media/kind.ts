/** Detects the type of media in base64. */

/** First bytes in hexadecimal, with `..` for any byte: W3C PNG §5.2, JFIF, GIF89a, RFC 9649 §2.4, ISO 32000-1 §7.5.2. */
const SIGNATURES: readonly (readonly [signature: RegExp, mediaType: string])[] = [
  [/^89504e47/, 'image/png'],
  [/^ffd8ff/, 'image/jpeg'],
  [/^47494638/, 'image/gif'],
  [/^52494646.{8}57454250/, 'image/webp'],
  [/^255044462d/, 'application/pdf'],
];

/** Readers find the header of a PDF within its first kilobyte. */
const PDF_HEADER = '%PDF-';
/** Base64 of a kilobyte. */
export const HEAD_CHARS = 1_368;

const NO_BASE64 = /[^A-Za-z0-9+/_=-]/;
const TEXT = /^[\t\n\r -~]*$/;

export type MediaKind = { readonly mediaType: string } | 'unknown' | 'none';

/**
 * @param head the beginning of base64; line breaks in it are ignored
 * @returns `none` if it holds no media: no bytes, not base64, or text
 */
export function detectMediaKind(head: string): MediaKind {
  const text = head.slice(0, HEAD_CHARS).replace(/[\r\n]+/g, '');
  if (text === '' || NO_BASE64.test(text)) return 'none';
  const bytes = Buffer.from(text, 'base64');
  const start = bytes.toString('hex', 0, 16);
  const found = SIGNATURES.find(([signature]) => signature.test(start));
  if (found) return { mediaType: found[1] };
  const latin1 = bytes.toString('latin1');
  if (latin1.includes(PDF_HEADER)) return { mediaType: 'application/pdf' };
  return TEXT.test(latin1) ? 'none' : 'unknown';
}

/** Types that vendors compare with the bytes. Vendors judge other types (text, office documents, HEIC) themselves. */
const COMPARED: ReadonlySet<string> = new Set([
  'image/png',
  'image/jpeg',
  'image/jpg',
  'image/gif',
  'image/webp',
  'application/pdf',
]);

export const isCheckedMediaType = (mediaType: string): boolean => COMPARED.has(mediaType.toLowerCase());
