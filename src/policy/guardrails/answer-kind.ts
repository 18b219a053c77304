/** How an answer can be looked at, by its head. */

/**
 * `document`: whole, as JSON or text. `events`: server-sent events, piece by piece. `frames`: an event stream of AWS.
 * `closed`: text in pieces that nobody can look into here. `other`: pictures, sound, files.
 */
export type AnswerKind = 'document' | 'events' | 'frames' | 'closed' | 'other';

/** JSON values one after another. */
const PIECES = /^application\/(?:x-ndjson|ndjson|jsonl|x-jsonlines|stream\+json|json-seq)/;

export interface AnswerHead {
  /** Lower-case. */
  readonly contentType: string;
  readonly contentEncoding: string | null;
  /** Whether JSON comes as an array whose elements are the pieces of a stream. */
  readonly isArrayStream: boolean;
}

export function answerKind({ contentType, contentEncoding, isArrayStream }: AnswerHead): AnswerKind {
  const kind = kindOf(contentType, isArrayStream);
  const isPacked = contentEncoding !== null && contentEncoding !== 'identity';
  return isPacked && kind !== 'other' ? 'closed' : kind;
}

function kindOf(contentType: string, isArrayStream: boolean): AnswerKind {
  if (contentType.startsWith('text/event-stream')) return 'events';
  if (contentType.startsWith('application/vnd.amazon.eventstream')) return 'frames';
  if (PIECES.test(contentType)) return 'closed';
  if (/^application\/(?:[\w.+-]+\+)?json/.test(contentType)) return isArrayStream ? 'closed' : 'document';
  return contentType.startsWith('text/') || contentType === '' ? 'document' : 'other';
}
