/** Converts annotations and images of Chat, for which Messages has another form or none. */
import { isObject } from '../../../pivot/body-shape.js';
import type { ChatChoice, ImagePart, JsonObject } from '../../../pivot/chat.js';

/**
 * Returns OpenAI's `url_citation` in Anthropic's form for findings of a web search. Other annotations have no
 * equivalent and are left out.
 */
export function toCitations(annotations: readonly unknown[]): JsonObject[] {
  return annotations.flatMap((annotation) => {
    const citation = isObject(annotation) ? annotation['url_citation'] : undefined;
    if (!isObject(citation) || typeof citation['url'] !== 'string') return [];
    const { url, title, content } = citation;
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

/** Whether a message can hold all of its citations: a citation needs a text. */
export function carriesAnnotations(
  message: Pick<ChatChoice['message'], 'content' | 'annotations'> | undefined,
): boolean {
  const annotations = message?.annotations ?? [];
  return (
    annotations.length === 0 || (Boolean(message!.content) && toCitations(annotations).length === annotations.length)
  );
}

/**
 * Returns a text in place of an image, as a response of Messages cannot contain one: the address, or, for a data URL, a
 * note that there was an image.
 */
export function toPictureText({ image_url: { url } }: ImagePart): string {
  if (!url.startsWith('data:')) return `![image](${url})`;
  return `[An image (${url.slice(5, url.indexOf(';'))}), which a response of the Messages API cannot contain.]`;
}
