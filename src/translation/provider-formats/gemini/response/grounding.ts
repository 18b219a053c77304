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
  if (isObject(grounding)) annotations.push(...readGrounding(grounding, text, lost));
  if (isObject(citations)) annotations.push(...readCitations(citations, text, lost));
  if (isObject(pages) && filterObjects(pages['urlMetadata']).length > 0) lost.add('urlContextMetadata');
  return annotations;
}

function readGrounding(grounding: JsonObject, text: string, lost: Set<string>): UrlAnnotation[] {
  for (const [name, value] of Object.entries(grounding))
    if (!CARRIED.has(name) && !isEmpty(value)) lost.add(`groundingMetadata.${name}`);
  const chunks = Array.isArray(grounding['groundingChunks']) ? (grounding['groundingChunks'] as unknown[]) : [];
  const citedChunks = new Set<number>();
  const annotations = filterObjects(grounding['groundingSupports']).flatMap(
    ({ segment, groundingChunkIndices: indices }) => {
      const range = isObject(segment) ? toRange(segment, text) : null;
      return filterNumbers(indices).flatMap((index) => {
        const annotation = toChunkAnnotation(chunks[index], range);
        if (annotation) citedChunks.add(index);
        return annotation ?? [];
      });
    },
  );
  for (const [index, chunk] of chunks.entries()) {
    if (citedChunks.has(index)) continue;
    const annotation = toChunkAnnotation(chunk, null);
    if (annotation) annotations.push(annotation);
    else lost.add('groundingMetadata.groundingChunks');
  }
  return annotations;
}

/** Returns the annotation of a web page, a document of the caller, or a location on a map. */
function toChunkAnnotation(chunk: unknown, range: Range | null): UrlAnnotation | null {
  if (!isObject(chunk)) return null;
  const source = [chunk['web'], chunk['retrievedContext'], chunk['maps']].find(isObject);
  return source ? toUrlCitation({ url: source['uri'], title: source['title'] }, range) : null;
}

/** Returns the sources of passages quoted from another text. */
function readCitations({ citationSources, citations }: JsonObject, text: string, lost: Set<string>): UrlAnnotation[] {
  return filterObjects(citationSources ?? citations).flatMap((source) => {
    const annotation = toUrlCitation({ url: source['uri'], title: source['title'] }, toRange(source, text));
    if (!annotation) lost.add('citationMetadata');
    return annotation ?? [];
  });
}

/**
 * Converts a range. Google counts UTF-8 bytes; in a stream, of the whole text. If the range does not match its segment,
 * the segment is searched for.
 */
function toRange({ startIndex, endIndex, text: segmentText }: JsonObject, text: string): Range | null {
  if (typeof endIndex !== 'number') return null;
  const bytes = Buffer.from(text);
  const start = bytes.subarray(0, typeof startIndex === 'number' ? startIndex : 0).toString().length;
  const end = bytes.subarray(0, endIndex).toString().length;
  if (typeof segmentText !== 'string' || segmentText === text.slice(start, end)) return { start, end };
  const at = text.indexOf(segmentText);
  return at < 0 ? null : { start: at, end: at + segmentText.length };
}

const filterObjects = (list: unknown): JsonObject[] =>
  Array.isArray(list) ? (list as unknown[]).filter(isObject) : [];
const filterNumbers = (list: unknown): number[] =>
  Array.isArray(list) ? (list as unknown[]).filter((one): one is number => typeof one === 'number') : [];
const isEmpty = (value: unknown): boolean =>
  value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);
