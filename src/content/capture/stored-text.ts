/** Prepares captured content for storage: text without files and, if redacted, without matches of detectors. Pure. */
import { isUtf8 } from 'node:buffer';
import { BUILT_IN_DETECTORS } from '../../detectors/registry.js';
import { applyRulesToText } from '../../policy/guardrails/text/document-rules.js';
import type { Rule } from '../../policy/guardrails/text/guardrail-set.js';
import { TextStreamGuardrails } from '../../policy/guardrails/streams/text-guardrails.js';
import { removeLogprobs } from '../../policy/guardrails/text/log-probabilities.js';
import type { Dialect } from '../../providers/dialects/base/dialect.js';
import type { TextStreamForm } from '../../providers/wire/stream-form.js';
import { truncateUtf8, MAX_STORED_BYTES, type Captured } from './content-capture.js';

export interface StoredText {
  readonly text: string;
  readonly isTruncated: boolean;
}

export interface StoredContent {
  readonly request: StoredText | null;
  readonly answer: StoredText | null;
}

const RULES: readonly Rule[] = Object.entries(BUILT_IN_DETECTORS).map(([name, detector]) => ({
  name,
  action: 'redact',
  detector,
}));

const ignoreMatch = (): void => undefined;

/** A stream of text, in which one text may span many events. */
export interface StoredStream {
  readonly form: TextStreamForm;
  readonly dialect: Dialect;
}

/** Returns null if the content is not text. `stream`: null for a whole document. */
export function toStoredText(
  captured: Captured | null,
  isRedacted: boolean,
  stream: StoredStream | null,
): StoredText | null {
  if (captured === null || !isUtf8(captured.bytes)) return null;
  const text = replaceFiles(captured.bytes.toString('utf8'));
  const prepared = Buffer.from(isRedacted ? redactText(text, stream) : text);
  const truncated = truncateUtf8(prepared, MAX_STORED_BYTES);
  return { text: truncated.toString('utf8'), isTruncated: captured.isTruncated || truncated.length < prepared.length };
}

function redactText(text: string, stream: StoredStream | null): string {
  if (stream === null) return removeLogprobs(applyRulesToText(text, RULES, ignoreMatch));
  const guardrails = new TextStreamGuardrails(stream.form, stream.dialect, RULES, ignoreMatch);
  return guardrails.push(text) + guardrails.end();
}

/** Base64 runs of this length count as files: ordinary text contains spaces. */
const FILE_CHARS = 4_096;
// Matches runs of any length: a pattern for long runs alone would restart at each character of a short one.
const BASE64_RUNS = /[A-Za-z0-9+/_=-]+/g;

/** Works on JSON, on events, and on truncated ones. */
const replaceFiles = (text: string): string =>
  text.replace(BASE64_RUNS, (run) => (run.length < FILE_CHARS ? run : `[file: ${run.length} characters of base64]`));
