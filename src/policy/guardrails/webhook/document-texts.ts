/** Extracts the texts of a document that a webhook is asked about, and replaces them. Pure. */
import { visitTexts } from '../text/document-rules.js';
import { isFile } from '../text/rule-matches.js';
import type { QuestionText } from './question.js';

/** A model name has no content to judge, and other rules have decided on it already. */
const MODEL = '/model';

/** Keywords of the vendors' formats, which occur in nearly every document and need no verdict. */
const WORDS: ReadonlySet<string> = new Set([
  ...['', 'system', 'developer', 'user', 'assistant', 'model', 'tool', 'function', 'message', 'text', 'input_text'],
  ...['output_text', 'object', 'string', 'text_delta', 'chat.completion', 'chat.completion.chunk', 'response', 'list'],
  ...['stop', 'STOP', 'length', 'end_turn', 'max_tokens', 'tool_calls', 'tool_use', 'tool_result', 'completed'],
]);

/** Whether a text needs a verdict. Files in base64 do not. */
export const needsDecision = (text: string): boolean => !WORDS.has(text) && !isFile(text);

export function extractTexts(document: string): QuestionText[] {
  let texts: QuestionText[] = [];
  visitTexts(document, () => {
    texts = [];
    const pointers = new UniquePointers();
    return (text, pointer) => {
      const path = needsDecision(text) ? pointer() : MODEL;
      if (path !== MODEL) texts.push({ pointer: pointers.take(path), offset: 0, text });
      return text;
    };
  });
  return texts;
}

/** Returns the document with these texts at the pointers that `textsOf` returned. */
export function applyTexts(document: string, texts: ReadonlyMap<string, string>): string {
  return visitTexts(document, () => {
    const pointers = new UniquePointers();
    return (text, pointer) => {
      const path = needsDecision(text) ? pointer() : MODEL;
      return path === MODEL ? text : (texts.get(pointers.take(path)) ?? text);
    };
  });
}

/** Gives each text a unique pointer, even if a member occurs twice or one document follows another. */
class UniquePointers {
  readonly #times = new Map<string, number>();

  /** Returns the pointer; when it occurs again, with the suffix `~2` and so on, which no JSON Pointer contains. */
  take(pointer: string): string {
    const times = (this.#times.get(pointer) ?? 0) + 1;
    this.#times.set(pointer, times);
    return times === 1 ? pointer : `${pointer}~${times}`;
  }
}
