/**
 * Reads the sources that a search model names: as `annotations` (OpenAI, OpenRouter), or beside the choices as
 * `citations` (Perplexity, xAI: addresses), `search_results` (Perplexity) or `web_search` (Zhipu). All become OpenAI's
 * `url_citation`.
 */
import { isObject } from '../../../pivot/body-shape.js';
import type { JsonObject } from '../../../pivot/chat.js';
import { type UrlAnnotation, toUrlCitation } from '../../../pivot/url-citation.js';

export type { UrlAnnotation };

/** Returns the sources that a response or a stream event names beside its choices, each address once. */
export function readSources(response: JsonObject): UrlAnnotation[] {
  const sources = new Map<string, UrlAnnotation>();
  for (const list of [response['search_results'], response['web_search'], response['citations']])
    for (const source of Array.isArray(list) ? (list as unknown[]) : []) {
      const annotation = toSource(source);
      if (annotation && !sources.has(annotation.url_citation.url)) sources.set(annotation.url_citation.url, annotation);
    }
  return [...sources.values()];
}

/** Converts annotations to OpenAI's form; some servers omit the inner object. Other kinds stay unchanged. */
export function readAnnotations(annotations: unknown): unknown[] {
  if (!Array.isArray(annotations)) return [];
  return (annotations as unknown[]).filter(isObject).map((annotation) => {
    const { type, url_citation: inner, ...members } = annotation;
    if (type !== 'url_citation' || isObject(inner) || typeof members['url'] !== 'string') return annotation;
    return { type, url_citation: members };
  });
}

/** Returns the sources whose address the annotations do not name. */
export function listUncited(sources: readonly UrlAnnotation[], annotations: readonly unknown[]): UrlAnnotation[] {
  const citedUrls = new Set(annotations.map(readAddress));
  return sources.filter((source) => !citedUrls.has(source.url_citation.url));
}

export function readAddress(annotation: unknown): unknown {
  const inner = isObject(annotation) ? annotation['url_citation'] : undefined;
  return isObject(inner) ? inner['url'] : undefined;
}

function toSource(source: unknown): UrlAnnotation | null {
  if (typeof source === 'string') return toUrlCitation({ url: source });
  if (!isObject(source)) return null;
  const { url, link, title, snippet, content } = source;
  return toUrlCitation({ url: url ?? link, title, content: snippet ?? content });
}
