/** What rules find in one text, and the text without it. Pure. */
import type { Span } from './detectors/detector.js';
import type { Rule } from './guardrail-set.js';

export interface Match extends Span {
  readonly rule: Rule;
}

/** From here on a text may be a file in base64, in which nothing can be read. Text of that length has spaces. */
const FILE_CHARS = 4_096;
const FILE = /^(?:data:[\w/.+;=-]{1,120},)?[A-Za-z0-9+/_-]+={0,2}$/;

/** Escapes of a JSON text inside the text (the arguments of a tool), however deep. */
const ESCAPES = /\\+(?:u[0-9A-Fa-f]{4}|[nrtbf"'/])?/g;

/** Whether a text is a file, in which nothing can be read. */
export const isFile = (text: string): boolean => text.length >= FILE_CHARS && FILE.test(text);

/** In the order of their beginnings; they may overlap. */
export function matchesIn(rules: readonly Rule[], text: string): Match[] {
  const found: Match[] = [];
  if (isFile(text)) return found;
  const readable = withoutEscapes(text);
  for (const rule of rules) for (const { start, end } of rule.detector.find(readable)) found.push({ start, end, rule });
  return found.length > 1 ? found.sort((a, b) => a.start - b.start) : found;
}

/** What stands in the way of reading is blank; every character keeps its place. */
export const withoutEscapes = (text: string): string =>
  text.includes('\\') ? text.replace(ESCAPES, (escape) => '\n'.repeat(escape.length)) : text;

/** The text with the matches of rules that redact replaced. Of matches that overlap the first one names the place. */
export function redacted(text: string, matches: readonly Match[]): string {
  let result = '';
  let kept = 0;
  for (const { start, end, mask } of redactions(text, matches)) {
    result += text.slice(kept, start) + mask;
    kept = end;
  }
  return kept === 0 ? text : result + text.slice(kept);
}

export interface Redaction extends Span {
  readonly mask: string;
}

/** What is to be replaced, by what; none overlap. */
export function redactions(text: string, matches: readonly Match[]): Redaction[] {
  const merged: { start: number; end: number; mask: string }[] = [];
  for (const { start, end, rule } of matches) {
    if (rule.action !== 'redact') continue;
    const last = merged.at(-1);
    if (last && start < last.end) last.end = Math.max(last.end, end);
    else merged.push({ start, end, mask: rule.detector.mask });
  }
  for (const redaction of merged) redaction.mask = asJson(text, redaction);
  return merged;
}

/** A number after a name and a colon is a JSON value: what stands for it has to be one too. */
function asJson(text: string, { start, end, mask }: Redaction): string {
  const quote = /(\\*")\s{0,4}:\s{0,4}$/.exec(text.slice(Math.max(0, start - 24), start))?.[1];
  return quote !== undefined && /^\d+$/.test(text.slice(start, end)) ? quote + mask + quote : mask;
}
