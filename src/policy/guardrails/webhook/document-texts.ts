/** Extracts the texts of a document that a webhook is asked about, and replaces them. Pure. */
import { visitTexts } from '../text/document-rules.js';
import { isFile } from '../text/rule-matches.js';
import type { AskedText } from './question.js';

/** A model name has no content to judge, and other rules have decided on it already. */
const MODEL = '/model';

/** Keywords of the vendors' formats, which occur in nearly every document and need no verdict. */
const WORDS: ReadonlySet<string> = new Set([
  ...['', 'system', 'developer', 'user', 'assistant', 'model', 'tool', 'function', 'message', 'text', 'input_text'],
  ...['output_text', 'object', 'string', 'text_delta', 'chat.completion', 'chat.completion.chunk', 'response', 'list'],
  ...['stop', 'STOP', 'length', 'end_turn', 'max_tokens', 'tool_calls', 'tool_use', 'tool_result', 'completed'],
]);

/** Whether a text needs a verdict. Files in base64 do not. */
export const isJudged = (text: string): boolean => !WORDS.has(text) && !isFile(text);

export function textsOf(document: string): AskedText[] {
  let texts: AskedText[] = [];
  visitTexts(document, () => {
    texts = [];
    const places = new Places();
    return (text, pointer) => {
      const place = isJudged(text) ? pointer() : MODEL;
      if (place !== MODEL) texts.push({ pointer: places.take(place), offset: 0, text });
      return text;
    };
  });
  return texts;
}

/** Returns the document with these texts at the pointers that `textsOf` returned. */
export function withTexts(document: string, texts: ReadonlyMap<string, string>): string {
  return visitTexts(document, () => {
    const places = new Places();
    return (text, pointer) => {
      const place = isJudged(text) ? pointer() : MODEL;
      return place === MODEL ? text : (texts.get(places.take(place)) ?? text);
    };
  });
}

/** Gives each text a unique pointer, even if a member occurs twice or one document follows another. */
class Places {
  readonly #times = new Map<string, number>();

  /** Returns the pointer; when it occurs again, with the suffix `~2` and so on, which no JSON Pointer contains. */
  take(pointer: string): string {
    const times = (this.#times.get(pointer) ?? 0) + 1;
    this.#times.set(pointer, times);
    return times === 1 ? pointer : `${pointer}~${times}`;
  }
}
