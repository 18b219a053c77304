/** Finds the matches of rules in one text, and redacts them. Pure. */
import type { Span } from '../../../detectors/detector.js';
import type { Rule } from './guardrail-set.js';

export interface Match extends Span {
  readonly rule: Rule;
}

/** From this length on, a text may be a file in base64, which is not readable. Prose of this length contains spaces. */
const FILE_CHARS = 4_096;
const FILE = /^(?:data:[\w/.+;=-]{1,120},)?[A-Za-z0-9+/_-]+={0,2}$/;

/** Escapes of a JSON text inside the text (the arguments of a tool), at any depth. */
const ESCAPES = /\\+(?:u[0-9A-Fa-f]{4}|[nrtbf"'/])?/g;

/** Whether a text is a file, which is not readable. */
export const isFile = (text: string): boolean => text.length >= FILE_CHARS && FILE.test(text);

/** Returns the matches in the order of their starts; they may overlap. */
export function findMatches(rules: readonly Rule[], text: string): Match[] {
  const found: Match[] = [];
  if (isFile(text)) return found;
  const readable = blankEscapes(text);
  for (const rule of rules) for (const { start, end } of rule.detector.find(readable)) found.push({ start, end, rule });
  return found.length > 1 ? found.sort((a, b) => a.start - b.start) : found;
}

/** Blanks escapes, which would hide matches; every character keeps its offset. */
export const blankEscapes = (text: string): string =>
  text.includes('\\') ? text.replace(ESCAPES, (escape) => '\n'.repeat(escape.length)) : text;

/** Replaces the matches of redacting rules. If matches overlap, the first one determines the mask. */
export function redact(text: string, matches: readonly Match[]): string {
  let result = '';
  let copiedEnd = 0;
  for (const { start, end, mask } of findRedactions(text, matches)) {
    result += text.slice(copiedEnd, start) + mask;
    copiedEnd = end;
  }
  return copiedEnd === 0 ? text : result + text.slice(copiedEnd);
}

export interface Redaction extends Span {
  readonly mask: string;
}

/** Returns the spans to replace and their masks, without overlaps. */
export function findRedactions(text: string, matches: readonly Match[]): Redaction[] {
  const merged: { start: number; end: number; mask: string }[] = [];
  for (const { start, end, rule } of matches) {
    if (rule.action !== 'redact') continue;
    const last = merged.at(-1);
    if (last && start < last.end) last.end = Math.max(last.end, end);
    else merged.push({ start, end, mask: rule.detector.mask });
  }
  for (const redaction of merged) redaction.mask = toJsonMask(text, redaction);
  return merged;
}

/** A number after a name and a colon is a JSON value, so its replacement must be one too. */
function toJsonMask(text: string, { start, end, mask }: Redaction): string {
  const quote = /(\\*")\s{0,4}:\s{0,4}$/.exec(text.slice(Math.max(0, start - 24), start))?.[1];
  return quote !== undefined && /^\d+$/.test(text.slice(start, end)) ? quote + mask + quote : mask;
}
