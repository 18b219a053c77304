/** How an answer can be looked at, by its head. */

/**
 * `document`: whole, as JSON or text. `events`: server-sent events, piece by piece. `frames`: an event stream of AWS.
 * `closed`: text in pieces that nobody can look into here. `other`: pictures, sound, files.
 */
export type AnswerKind = 'document' | 'events' | 'frames' | 'closed' | 'other';

/** JSON values one after another: the pieces of a stream, or a list. */
const LINES = /^application\/(?:x-ndjson|ndjson|x-jsonl|jsonl|stream\+json|json-seq)/;

export interface AnswerHead {
  /** Lower-case. */
  readonly contentType: string;
  readonly contentEncoding: string | null;
  /** Whether a stream was asked for. */
  readonly isStreamed: boolean;
  /** Whether JSON comes as an array whose elements are the pieces of a stream. */
  readonly isArrayStream: boolean;
}

export function answerKind(head: AnswerHead): AnswerKind {
  const kind = kindOf(head);
  const { contentEncoding } = head;
  const isPacked = contentEncoding !== null && contentEncoding !== 'identity';
  return isPacked && kind !== 'other' ? 'closed' : kind;
}

function kindOf({ contentType, isStreamed, isArrayStream }: AnswerHead): AnswerKind {
  if (contentType.startsWith('text/event-stream')) return 'events';
  if (contentType.startsWith('application/vnd.amazon.eventstream')) return 'frames';
  if (LINES.test(contentType)) return isStreamed ? 'closed' : 'document';
  if (/^application\/(?:[\w.+-]+\+)?json/.test(contentType)) return isArrayStream ? 'closed' : 'document';
  return contentType.startsWith('text/') || contentType === '' ? 'document' : 'other';
}
