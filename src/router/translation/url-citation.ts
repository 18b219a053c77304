import type { JsonObject } from './chat.js';

/** OpenAI's annotation for a source with an address. */
export interface UrlAnnotation extends JsonObject {
  type: 'url_citation';
  url_citation: { url: string; title: string } & JsonObject;
}

interface Source {
  url: unknown;
  /** Absent or empty: the address. */
  title?: unknown;
  /** What the source says. */
  content?: unknown;
}

/** Where the text cites the source: UTF-16 units, the end excluded. */
export interface Range {
  start: number;
  end: number;
}

/** Null for a source without an address on the web. */
export function urlCitation({ url, title, content }: Source, range: Range | null = null): UrlAnnotation | null {
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
