/** Prepares captured content for storage: text without files and, if redacted, without matches of detectors. Pure. */
import { isUtf8 } from 'node:buffer';
import { BUILT_IN_DETECTORS } from '../../detectors/registry.js';
import { applyRulesToText } from '../../policy/guardrails/text/document-rules.js';
import type { Rule } from '../../policy/guardrails/text/guardrail-set.js';
import { TextStreamGuardrails } from '../../policy/guardrails/streams/text-guardrails.js';
import { removeLogprobs } from '../../policy/guardrails/text/log-probabilities.js';
import type { Dialect } from '../../providers/dialects/base/dialect.js';
import type { TextStreamForm } from '../../providers/wire/stream-form.js';
import { truncateText, MAX_KEPT_BYTES, type Captured } from './content-capture.js';

export interface KeptText {
  readonly text: string;
  readonly isTruncated: boolean;
}

export interface KeptContent {
  readonly request: KeptText | null;
  readonly answer: KeptText | null;
}

const RULES: readonly Rule[] = Object.entries(BUILT_IN_DETECTORS).map(([name, detector]) => ({
  name,
  action: 'redact',
  detector,
}));

const ignoreMatch = (): void => undefined;

/** A stream of text, in which one text may span many events. */
export interface KeptStream {
  readonly form: TextStreamForm;
  readonly dialect: Dialect;
}

/** Returns null if the content is not text. `stream`: null for a whole document. */
export function toKeptText(captured: Captured | null, isRedacted: boolean, stream: KeptStream | null): KeptText | null {
  if (captured === null || !isUtf8(captured.bytes)) return null;
  const text = withoutFiles(captured.bytes.toString('utf8'));
  const shown = Buffer.from(isRedacted ? redacted(text, stream) : text);
  const kept = truncateText(shown, MAX_KEPT_BYTES);
  return { text: kept.toString('utf8'), isTruncated: captured.isTruncated || kept.length < shown.length };
}

function redacted(text: string, stream: KeptStream | null): string {
  if (stream === null) return removeLogprobs(applyRulesToText(text, RULES, ignoreMatch));
  const screen = new TextStreamGuardrails(stream.form, stream.dialect, RULES, ignoreMatch);
  return screen.push(text) + screen.end();
}

/** Base64 runs of this length count as files: ordinary text contains spaces. */
const FILE_CHARS = 4_096;
// Matches runs of any length: a pattern for long runs alone would restart at each character of a short one.
const BASE64_RUNS = /[A-Za-z0-9+/_=-]+/g;

/** Works on JSON, on events, and on truncated ones. */
const withoutFiles = (text: string): string =>
  text.replace(BASE64_RUNS, (run) => (run.length < FILE_CHARS ? run : `[file: ${run.length} characters of base64]`));
