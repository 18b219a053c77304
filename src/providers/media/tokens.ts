/** Estimates the tokens of media in a request. Their base64 is not text. */
import { HEAD_CHARS, detectMediaKind } from './kind.js';

/**
 * Anthropic scales images down to about 1.15 megapixels and counts 750 pixels as a token
 * (platform.claude.com/docs/en/build-with-claude/vision).
 */
export const TOKENS_PER_IMAGE = 1_550;
/** A page has 1,500 to 3,000 tokens (platform.claude.com/docs/en/build-with-claude/pdf-support). */
export const TOKENS_PER_PAGE = 2_000;
/** A page is about 50 kB. */
const PDF_BYTES_PER_TOKEN = 25;
const BYTES_PER_BASE64_CHAR = 0.75;
const BYTES_PER_TOKEN = 4;

export const estimatePdfTokens = (base64Chars: number): number =>
  Math.max(TOKENS_PER_PAGE, (base64Chars * BYTES_PER_BASE64_CHAR) / PDF_BYTES_PER_TOKEN);

/**
 * Signatures of audio and video (first bytes in hexadecimal), with the bytes that hold one token. Gemini counts 32
 * tokens for a second of audio and about 300 for one of video (ai.google.dev/gemini-api/docs/tokens); OpenAI counts
 * fewer. A second of WAV has 32 kB (16-bit mono at 16 kHz) or more, of compressed speech 4 kB, of video 120 kB.
 */
const RECORDINGS: readonly (readonly [signature: RegExp, bytesPerToken: number])[] = [
  [/^52494646.{8}57415645/, 1_000], // WAV
  [/^(?:494433|fff[23ab])/, 125], // MP3
  [/^(?:4f676753|664c6143|fff[19])/, 125], // Ogg, FLAC, AAC
  [/^.{8}66747970/, 400], // MP4, M4A, MOV
  [/^1a45dfa3/, 400], // WebM, Matroska
];

/** Minimum characters of base64 to search for; shorter media are not worth it. */
const MIN_RUN = 1_024;
const STEP = MIN_RUN / 2;
/** Characters that must be base64; texts have white space more often. */
const PROBE = 64;

/**
 * Estimates the tokens of a request in any dialect: a quarter of its bytes, except that base64 of images, PDFs and
 * recordings counts as the media it holds.
 */
export function estimateBodyTokens(body: Uint8Array): number {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  let textBytes = bytes.length;
  let mediaTokens = 0;
  for (let at = STEP; at < bytes.length;) {
    if (!isRunAt(bytes, at)) {
      at += STEP;
      continue;
    }
    const [start, end] = findRun(bytes, at);
    const tokens =
      end - start < MIN_RUN
        ? null
        : estimateMediaTokens(bytes.toString('latin1', start, start + HEAD_CHARS), end - start);
    if (tokens !== null) {
      textBytes -= end - start;
      mediaTokens += tokens;
    }
    at = Math.max(end, at) + STEP;
  }
  return Math.ceil(textBytes / BYTES_PER_TOKEN + mediaTokens);
}

/** Returns null for base64 of other content, which counts as text. */
function estimateMediaTokens(escapedHead: string, chars: number): number | null {
  const head = escapedHead.replaceAll('\\', '');
  const kind = detectMediaKind(head);
  if (kind === 'unknown') return estimateRecordingTokens(head, chars);
  if (kind === 'none') return null;
  return kind.mediaType.startsWith('image/') ? TOKENS_PER_IMAGE : estimatePdfTokens(chars);
}

function estimateRecordingTokens(head: string, chars: number): number | null {
  const start = Buffer.from(head.slice(0, 16), 'base64').toString('hex');
  const found = RECORDINGS.find(([signature]) => signature.test(start));
  return found ? (chars * BYTES_PER_BASE64_CHAR) / found[1] : null;
}

function isRunAt(bytes: Buffer, at: number): boolean {
  const from = Math.max(at - PROBE, 0);
  for (let i = at; i >= from; i--) if (!IN_BASE64[bytes[i]!]) return false;
  return true;
}

/**
 * Returns the bounds of a run. The previous step was outside the run, so its start is near; its end is searched for in
 * steps.
 */
function findRun(bytes: Buffer, at: number): [start: number, end: number] {
  let start = at;
  while (start > 0 && IN_BASE64[bytes[start - 1]!]) start--;
  let end = at;
  while (end + STEP < bytes.length && isRunAt(bytes, end + STEP)) end += STEP;
  while (end < bytes.length && IN_BASE64[bytes[end]!]) end++;
  return [start, end];
}

/** Indexed by byte. Some writers escape the slashes of base64. */
const IN_BASE64: readonly boolean[] = Array.from({ length: 256 }, (_, byte) =>
  /[A-Za-z0-9+/=_\\-]/.test(String.fromCharCode(byte)),
);
