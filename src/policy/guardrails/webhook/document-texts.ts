/** The texts of a document that a webhook is asked about, and the document with others in their places. Pure. */
import { visitTexts } from '../document-screen.js';
import { isFile } from '../text-matches.js';
import type { AskedText } from './question.js';

/** Names of models say nothing, and what goes by them has been decided. */
const MODEL = '/model';

/** Words of the vendors' languages, which stand in nearly every document: nobody has to judge them. */
const WORDS: ReadonlySet<string> = new Set([
  ...['', 'system', 'developer', 'user', 'assistant', 'model', 'tool', 'function', 'message', 'text', 'input_text'],
  ...['output_text', 'object', 'string', 'text_delta', 'chat.completion', 'chat.completion.chunk', 'response', 'list'],
  ...['stop', 'STOP', 'length', 'end_turn', 'max_tokens', 'tool_calls', 'tool_use', 'tool_result', 'completed'],
]);

/** Whether there is anything in a text to judge. Files in base64 are no text. */
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

/** The document with these texts in the places that `textsOf` named. */
export function withTexts(document: string, texts: ReadonlyMap<string, string>): string {
  return visitTexts(document, () => {
    const places = new Places();
    return (text, pointer) => {
      const place = isJudged(text) ? pointer() : MODEL;
      return place === MODEL ? text : (texts.get(places.take(place)) ?? text);
    };
  });
}

/** Each text has a name of its own, also where a member comes twice, or one document follows another. */
class Places {
  readonly #times = new Map<string, number>();

  /** The pointer; with `~2` and so on behind it (which no pointer holds) when it comes again. */
  take(pointer: string): string {
    const times = (this.#times.get(pointer) ?? 0) + 1;
    this.#times.set(pointer, times);
    return times === 1 ? pointer : `${pointer}~${times}`;
  }
}
