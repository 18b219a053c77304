/** What Chat says beside the words, and Messages has no place for, or another. */
import { isObject } from '../chat/body-shape.js';
import type { ChatChoice, ImagePart, JsonObject } from '../chat.js';

/** OpenAI's `url_citation` as Anthropic tells what a web search has found; other annotations have no like. */
export function citationsOf(annotations: readonly unknown[]): JsonObject[] {
  return annotations.flatMap((annotation) => {
    const told = isObject(annotation) ? annotation['url_citation'] : undefined;
    if (!isObject(told) || typeof told['url'] !== 'string') return [];
    const { url, title, content } = told;
    return [
      {
        type: 'web_search_result_location',
        url,
        title: typeof title === 'string' ? title : url,
        cited_text: typeof content === 'string' ? content : '',
        encrypted_index: '',
      },
    ];
  });
}

/** Whether a message can say all that it cites: citations belong to a text. */
export function carriesAnnotations(
  message: Pick<ChatChoice['message'], 'content' | 'annotations'> | undefined,
): boolean {
  const annotations = message?.annotations ?? [];
  return (
    annotations.length === 0 || (Boolean(message!.content) && citationsOf(annotations).length === annotations.length)
  );
}

/** Claude draws no pictures, so that an answer cannot hold any: an address is told, and of a data URL that it was there. */
export function pictureText({ image_url: { url } }: ImagePart): string {
  if (!url.startsWith('data:')) return `![image](${url})`;
  return `[An image (${url.slice(5, url.indexOf(';'))}), which an answer of the Messages API cannot hold.]`;
}
