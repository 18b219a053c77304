/**
 * The forms in which vendors stream JSON: server-sent events (WHATWG HTML §9.2), frames of AWS's event stream, and lines, each
 * of them one JSON document (Ollama's `application/x-ndjson`, Cohere's `application/stream+json`).
 */
export type StreamForm = 'events' | 'frames' | 'lines';

/** The forms that are text. */
export type TextStreamForm = Exclude<StreamForm, 'frames'>;

const LINES = /^application\/(?:x-ndjson|ndjson|x-jsonl|jsonl|stream\+json)(?:[\s;]|$)/;

/** By a lower-case content type; null for what is not a stream of JSON. */
export function streamFormOf(contentType: string): StreamForm | null {
  if (contentType.startsWith('text/event-stream')) return 'events';
  if (contentType.startsWith('application/vnd.amazon.eventstream')) return 'frames';
  return LINES.test(contentType) ? 'lines' : null;
}
