/** What an answer of Cohere's cites (docs.cohere.com/reference/chat, `message.citations`), as OpenAI's annotations. */
import { isObject } from '../chat/body-shape.js';
import type { JsonObject } from '../chat.js';
import type { CohereCitation } from './cohere-wire.js';

/** How a request or a response names citations that are left out. */
export const CITATIONS = 'citations';

/** Only sources with an address have a form in Chat. @param lost gets `citations` where one has none */
export function citationAnnotations(citations: readonly CohereCitation[], lost: Set<string>): JsonObject[] {
  return citations.flatMap((citation) => {
    const sources = (citation.sources ?? []).flatMap((source) => annotation(source, citation));
    if (sources.length === 0) lost.add(CITATIONS);
    return sources;
  });
}

function annotation(source: unknown, { start, end }: CohereCitation): JsonObject[] {
  if (!isObject(source)) return [];
  const found = isObject(source['document']) ? source['document'] : source['tool_output'];
  if (!isObject(found)) return [];
  const { url, title } = found;
  if (typeof url !== 'string' || !/^https?:/.test(url)) return [];
  return [
    {
      type: 'url_citation',
      url_citation: {
        url,
        title: typeof title === 'string' ? title : url,
        ...(typeof start === 'number' && typeof end === 'number' && { start_index: start, end_index: end }),
      },
    },
  ];
}
