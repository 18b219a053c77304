/**
 * Converts citations of models on Bedrock (API_runtime_CitationsContentBlock.html, API_runtime_CitationLocation.html)
 * to OpenAI's annotations.
 */
import { isObject } from '../../../pivot/body-shape.js';
import { type Range, toUrlCitation, type UrlAnnotation } from '../../../pivot/url-citation.js';

/**
 * Returns citations of web pages as annotations; only these have a form in Chat.
 * @param range of the cited text in the whole text; null if unknown
 * @param lost gets `citationsContent.citations` if a source is not a web page
 */
export function toAnnotations(citations: unknown, range: Range | null, lost: Set<string>): UrlAnnotation[] {
  if (!Array.isArray(citations)) return [];
  return (citations as unknown[]).filter(isObject).flatMap(({ location, title }) => {
    const web = isObject(location) ? location['web'] : undefined;
    const annotation = isObject(web) ? toUrlCitation({ url: web['url'], title }, range) : null;
    if (!annotation) lost.add('citationsContent.citations');
    return annotation ?? [];
  });
}

/** Blocks of a response that have a form in Chat. */
const CARRIED: ReadonlySet<string> = new Set(['text', 'toolUse', 'reasoningContent', 'citationsContent']);

export function noteLostBlocks(block: object, lost: Set<string>): void {
  for (const name of Object.keys(block)) if (!CARRIED.has(name)) lost.add(`content[].${name}`);
}
