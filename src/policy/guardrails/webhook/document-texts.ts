/** Extracts the texts of a document that a webhook is asked about, and replaces them. Pure. */
import { visitTexts } from '../text/document-rules.js';
import { isFile } from '../text/rule-matches.js';
import type { WebhookRequestText } from './request.js';

/** A model name has no content to judge, and other rules have decided on it already. */
const MODEL_POINTER = '/model';

/** Keywords of the vendors' formats, which occur in nearly every document and need no verdict. */
const PROTOCOL_WORDS: ReadonlySet<string> = new Set([
  ...['', 'system', 'developer', 'user', 'assistant', 'model', 'tool', 'function', 'message', 'text', 'input_text'],
  ...['output_text', 'object', 'string', 'text_delta', 'chat.completion', 'chat.completion.chunk', 'response', 'list'],
  ...['stop', 'STOP', 'length', 'end_turn', 'max_tokens', 'tool_calls', 'tool_use', 'tool_result', 'completed'],
]);

/** Whether a text needs a verdict. Files in base64 do not. */
export const needsDecision = (text: string): boolean => !PROTOCOL_WORDS.has(text) && !isFile(text);

export function extractTexts(document: string): WebhookRequestText[] {
  let texts: WebhookRequestText[] = [];
  visitTexts(document, () => {
    texts = [];
    const pointers = new UniquePointers();
    return (text, pointer) => {
      const path = needsDecision(text) ? pointer() : MODEL_POINTER;
      if (path !== MODEL_POINTER) texts.push({ pointer: pointers.makeUnique(path), offset: 0, text });
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
      const path = needsDecision(text) ? pointer() : MODEL_POINTER;
      return path === MODEL_POINTER ? text : (texts.get(pointers.makeUnique(path)) ?? text);
    };
  });
}

/** Gives each text a unique pointer, even if a member occurs twice or one document follows another. */
class UniquePointers {
  readonly #counts = new Map<string, number>();

  /** Returns the pointer; when it occurs again, with the suffix `~2` and so on, which no JSON Pointer contains. */
  makeUnique(pointer: string): string {
    const count = (this.#counts.get(pointer) ?? 0) + 1;
    this.#counts.set(pointer, count);
    return count === 1 ? pointer : `${pointer}~${count}`;
  }
}
