/** Applies rules to a whole document: a request, or a response that is not a stream. Pure. */
import { isUtf8 } from 'node:buffer';
import type { Rule } from './guardrail-set.js';
import { replaceTexts, type TextVisitor } from './json-strings.js';
import { findMatches, redact, type Match } from './rule-matches.js';

/** Receives each match. An error that it throws ends the screening. */
export type MatchListener = (match: Match, pointer: string) => void;

/** A model name is not checked as text, because other rules have decided on it already. */
const MODEL_POINTER = '/model';

/**
 * Returns the document that may pass; the same bytes if nothing is redacted. A document that is not JSON is read as one
 * text.
 */
export function applyRulesToDocument(body: Buffer, rules: readonly Rule[], onMatch: MatchListener): Buffer {
  const encoding = isUtf8(body) ? 'utf8' : 'latin1';
  const document = body.toString(encoding);
  const checked = applyRulesToText(document, rules, onMatch);
  return checked === document ? body : Buffer.from(checked, encoding);
}

export function applyRulesToText(document: string, rules: readonly Rule[], onMatch: MatchListener): string {
  const checkText = (text: string, pointer: () => string): string => {
    const matches = findMatches(rules, text);
    if (matches.length === 0) return text;
    const path = pointer();
    if (path === MODEL_POINTER) return text;
    for (const match of matches) onMatch(match, path);
    return redact(text, matches);
  };
  return visitTexts(document, () => checkText);
}

/**
 * Returns the document with its texts replaced by a visitor. A document that turns out not to be JSON is one text, for
 * another visitor.
 */
export function visitTexts(document: string, createVisitor: () => TextVisitor): string {
  if (!/^\s*[{["]/.test(document)) return createVisitor()(document, () => '');
  try {
    return replaceTexts(document, createVisitor());
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return createVisitor()(document, () => '');
  }
}
