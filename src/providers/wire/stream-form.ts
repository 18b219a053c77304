/**
 * Forms in which vendors stream JSON: server-sent events (WHATWG HTML §9.2), frames of AWS's event stream, and lines
 * that are one JSON document each (Ollama's `application/x-ndjson`, Cohere's `application/stream+json`).
 */
export type StreamForm = 'events' | 'frames' | 'lines';

/** Stream forms that are text. */
export type TextStreamForm = Exclude<StreamForm, 'frames'>;

const LINES = /^application\/(?:x-ndjson|ndjson|x-jsonl|jsonl|stream\+json)(?:[\s;]|$)/;

/** Returns the form of a lower-case content type; null if it is not a stream of JSON. */
export function detectStreamForm(contentType: string): StreamForm | null {
  if (contentType.startsWith('text/event-stream')) return 'events';
  if (contentType.startsWith('application/vnd.amazon.eventstream')) return 'frames';
  return LINES.test(contentType) ? 'lines' : null;
}
