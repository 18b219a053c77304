/** Decides by the head of a response how it can be checked. */
import { detectStreamForm, type StreamForm } from '../../providers/wire/stream-form.js';

/**
 * `document`: checked as a whole, as JSON or text. `events`: server-sent events, checked piece by piece. `lines`: JSON
 * lines, likewise. `frames`: an event stream of AWS. `closed`: text in pieces that cannot be read here. `other`:
 * images, audio, files.
 */
export type ResponseKind = 'document' | StreamForm | 'closed' | 'other';

/** JSON values with separators between them (RFC 7464). */
const JSON_SEQUENCE = /^application\/json-seq/;

export interface ResponseTraits {
  /** Lower-case. */
  readonly contentType: string;
  readonly contentEncoding: string | null;
  /** Whether the request asked for a stream. */
  readonly isStreamed: boolean;
  /** Whether JSON arrives as an array whose elements are the pieces of a stream. */
  readonly isArrayStream: boolean;
  /** Whether JSON lines are the pieces of a stream in the client's format. Default false. */
  readonly isLineStream?: boolean;
}

export function getResponseKind(head: ResponseTraits): ResponseKind {
  const kind = detectKind(head);
  const { contentEncoding } = head;
  const isPacked = contentEncoding !== null && contentEncoding !== 'identity';
  return isPacked && kind !== 'other' ? 'closed' : kind;
}

function detectKind({ contentType, isStreamed, isArrayStream, isLineStream = false }: ResponseTraits): ResponseKind {
  const form = detectStreamForm(contentType);
  if (form === 'lines' || JSON_SEQUENCE.test(contentType)) {
    // a list of documents, unless a stream was asked for
    if (!isStreamed) return 'document';
    return form === 'lines' && isLineStream ? form : 'closed';
  }
  if (form !== null) return form;
  if (/^application\/(?:[\w.+-]+\+)?json/.test(contentType)) return isArrayStream ? 'closed' : 'document';
  return contentType.startsWith('text/') || contentType === '' ? 'document' : 'other';
}
