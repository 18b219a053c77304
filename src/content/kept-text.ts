/** From what was captured to what is kept of it: text without files and, where it is redacted, without what detectors find. Pure. */
import { isUtf8 } from 'node:buffer';
import { DETECTOR_IDS } from '../orgs/guardrail.js';
import { detectorOf } from '../policy/guardrails/detectors/detector-registry.js';
import { screenText } from '../policy/guardrails/document-screen.js';
import type { Rule } from '../policy/guardrails/guardrail-set.js';
import { replaceTexts } from '../policy/guardrails/json-strings.js';
import { SseScreen } from '../policy/guardrails/streams/sse-screen.js';
import { isFile } from '../policy/guardrails/text-matches.js';
import { withoutLogprobs } from '../policy/guardrails/without-logprobs.js';
import type { DialectId } from '../providers/dialects/dialect.js';
import type { Captured } from './content-capture.js';

export interface KeptText {
  readonly text: string;
  readonly isTruncated: boolean;
}

export interface KeptContent {
  readonly request: KeptText | null;
  readonly answer: KeptText | null;
}

const RULES: readonly Rule[] = DETECTOR_IDS.filter((id) => id !== 'pattern').map((id) => ({
  name: id,
  action: 'redact',
  detector: detectorOf({ name: id, detector: id, on: 'both', action: 'redact' }),
}));

const nobody = (): void => undefined;

/** Null for what is no text. `stream`: server-sent events, in which a text may be spread over many. */
export function keptText(captured: Captured | null, isRedacted: boolean, stream: DialectId | null): KeptText | null {
  if (captured === null || !isUtf8(captured.bytes)) return null;
  const text = withoutFiles(captured.bytes.toString('utf8'));
  const { isTruncated } = captured;
  if (!isRedacted) return { text, isTruncated };
  if (stream === null) return { text: withoutLogprobs(screenText(text, RULES, nobody)), isTruncated };
  const screen = new SseScreen(stream, RULES, nobody);
  return { text: screen.push(text) + screen.end(), isTruncated };
}

function withoutFiles(text: string): string {
  try {
    return replaceTexts(text, (value) => (isFile(value) ? `[file: ${value.length} characters of base64]` : value));
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}
