/**
 * Converts citations of Cohere's responses (docs.cohere.com/reference/chat, `message.citations`) to OpenAI's
 * annotations.
 */
import { isObject } from '../../pivot/body-shape.js';
import { type UrlAnnotation, toUrlCitation } from '../../pivot/url-citation.js';
import type { CohereCitation } from './wire.js';

/** Name of citations that are left out, in requests and responses. */
export const CITATIONS = 'citations';

/**
 * Returns annotations. Only sources with an address have a form in Chat.
 * @param lost gets `citations` if a source has no address
 */
export function toAnnotations(citations: readonly CohereCitation[], lost: Set<string>): UrlAnnotation[] {
  return citations.flatMap((citation) => {
    const sources = (citation.sources ?? []).flatMap((source) => toAnnotation(source, citation));
    if (sources.length === 0) lost.add(CITATIONS);
    return sources;
  });
}

function toAnnotation(source: unknown, { start, end }: CohereCitation): UrlAnnotation[] {
  if (!isObject(source)) return [];
  const found = isObject(source['document']) ? source['document'] : source['tool_output'];
  if (!isObject(found)) return [];
  const range = typeof start === 'number' && typeof end === 'number' ? { start, end } : null;
  const urlAnnotation = toUrlCitation({ url: found['url'], title: found['title'] }, range);
  return urlAnnotation ? [urlAnnotation] : [];
}
