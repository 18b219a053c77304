import type { JsonObject } from './chat.js';

/** OpenAI's annotation for a source with an address. */
export interface UrlAnnotation extends JsonObject {
  type: 'url_citation';
  url_citation: { url: string; title: string } & JsonObject;
}

interface Source {
  url: unknown;
  /** Title. Absent or empty: the address is used. */
  title?: unknown;
  /** Text of the source. */
  content?: unknown;
}

/** Range of the text that cites the source, in UTF-16 units. The end is exclusive. */
export interface Range {
  start: number;
  end: number;
}

/** Returns the annotation. Null for a source without an address on the web. */
export function toUrlCitation({ url, title, content }: Source, range: Range | null = null): UrlAnnotation | null {
  if (typeof url !== 'string' || !/^https?:/i.test(url)) return null;
  return {
    type: 'url_citation',
    url_citation: {
      url,
      title: typeof title === 'string' && title !== '' ? title : url,
      ...(typeof content === 'string' && content !== '' && { content }),
      ...(range && { start_index: range.start, end_index: range.end }),
    },
  };
}
