/**
 * Converts the sources of a candidate (ai.google.dev/api/generate-content, `GroundingMetadata`, `CitationMetadata` and
 * `UrlContextMetadata`) to OpenAI's annotations.
 */
import { isObject } from '../../../pivot/body-shape.js';
import type { JsonObject } from '../../../pivot/chat.js';
import { type Range, toUrlCitation, type UrlAnnotation } from '../../../pivot/url-citation.js';
import type { GeminiCandidate } from '../wire.js';

/** Members that annotations represent. */
const CARRIED: ReadonlySet<string> = new Set(['groundingChunks', 'groundingSupports']);

/**
 * @param text of the candidate, so far
 * @param lost gets the names of members without a form in Chat: sources without an address, queries, Google's search
 * widget
 */
export function toAnnotations(candidate: GeminiCandidate, text: string, lost: Set<string>): UrlAnnotation[] {
  const { groundingMetadata: grounding, citationMetadata: citations, urlContextMetadata: pages } = candidate;
  const annotations: UrlAnnotation[] = [];
  if (isObject(grounding)) annotations.push(...grounded(grounding, text, lost));
  if (isObject(citations)) annotations.push(...recited(citations, text, lost));
  if (isObject(pages) && objects(pages['urlMetadata']).length > 0) lost.add('urlContextMetadata');
  return annotations;
}

function grounded(grounding: JsonObject, text: string, lost: Set<string>): UrlAnnotation[] {
  for (const [name, value] of Object.entries(grounding))
    if (!CARRIED.has(name) && !isEmpty(value)) lost.add(`groundingMetadata.${name}`);
  const chunks = Array.isArray(grounding['groundingChunks']) ? (grounding['groundingChunks'] as unknown[]) : [];
  const cited = new Set<number>();
  const annotations = objects(grounding['groundingSupports']).flatMap(({ segment, groundingChunkIndices: indices }) => {
    const range = isObject(segment) ? rangeOf(segment, text) : null;
    return numbers(indices).flatMap((index) => {
      const annotation = chunkAnnotation(chunks[index], range);
      if (annotation) cited.add(index);
      return annotation ?? [];
    });
  });
  for (const [index, chunk] of chunks.entries()) {
    if (cited.has(index)) continue;
    const annotation = chunkAnnotation(chunk, null);
    if (annotation) annotations.push(annotation);
    else lost.add('groundingMetadata.groundingChunks');
  }
  return annotations;
}

/** Returns the annotation of a web page, a document of the caller, or a location on a map. */
function chunkAnnotation(chunk: unknown, range: Range | null): UrlAnnotation | null {
  if (!isObject(chunk)) return null;
  const source = [chunk['web'], chunk['retrievedContext'], chunk['maps']].find(isObject);
  return source ? toUrlCitation({ url: source['uri'], title: source['title'] }, range) : null;
}

/** Returns the sources of passages quoted from another text. */
function recited({ citationSources, citations }: JsonObject, text: string, lost: Set<string>): UrlAnnotation[] {
  return objects(citationSources ?? citations).flatMap((source) => {
    const annotation = toUrlCitation({ url: source['uri'], title: source['title'] }, rangeOf(source, text));
    if (!annotation) lost.add('citationMetadata');
    return annotation ?? [];
  });
}

/**
 * Converts a range. Google counts UTF-8 bytes; in a stream, of the whole text. If the range does not match its segment,
 * the segment is searched for.
 */
function rangeOf({ startIndex, endIndex, text: said }: JsonObject, text: string): Range | null {
  if (typeof endIndex !== 'number') return null;
  const bytes = Buffer.from(text);
  const start = bytes.subarray(0, typeof startIndex === 'number' ? startIndex : 0).toString().length;
  const end = bytes.subarray(0, endIndex).toString().length;
  if (typeof said !== 'string' || said === text.slice(start, end)) return { start, end };
  const at = text.indexOf(said);
  return at < 0 ? null : { start: at, end: at + said.length };
}

const objects = (list: unknown): JsonObject[] => (Array.isArray(list) ? (list as unknown[]).filter(isObject) : []);
const numbers = (list: unknown): number[] =>
  Array.isArray(list) ? (list as unknown[]).filter((one): one is number => typeof one === 'number') : [];
const isEmpty = (value: unknown): boolean =>
  value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);
