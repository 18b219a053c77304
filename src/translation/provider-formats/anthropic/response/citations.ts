/** Converts Claude's citations (platform.claude.com/docs/en/build-with-claude/citations) to OpenAI's annotations. */
import { isObject } from '../../../pivot/body-shape.js';
import { type Range, toUrlCitation, type UrlAnnotation } from '../../../pivot/url-citation.js';

/** Blocks that have a form in Chat. All others belong to tools that Anthropic runs. */
const CARRIED: ReadonlySet<unknown> = new Set(['text', 'tool_use', 'thinking', 'redacted_thinking']);

/**
 * Returns the citations of a block as annotations. Only sources with an address have a form in Chat: pages that Claude
 * found, and search results from the caller.
 * @param range of the block's text in the whole text
 * @param lost gets `content[].citations` if a source has no address
 */
export function toAnnotations(citations: unknown, range: Range, lost: Set<string>): UrlAnnotation[] {
  if (!Array.isArray(citations)) return [];
  return (citations as unknown[]).filter(isObject).flatMap(({ url, source, title, cited_text: content }) => {
    const annotation = toUrlCitation({ url: url ?? source, title, content }, range);
    if (!annotation) lost.add('content[].citations');
    return annotation ?? [];
  });
}

export function noteLostBlock(type: unknown, lost: Set<string>): void {
  if (!CARRIED.has(type)) lost.add(`content[].${typeof type === 'string' ? type : 'block'}`);
}
