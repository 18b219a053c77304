import { DeltaCollector, NO_GROUPS, type TextReading } from '../base/text-deltas.js';
import { toFields, type Fields } from '../base/token-counts.js';

/** Lines of `api/chat` with a message, of `api/generate` without one. Tool calls arrive whole. */
export function readOllamaText(event: Fields): TextReading {
  const collector = new DeltaCollector();
  collector.add(event, '', '', ['response', 'thinking']);
  collector.add(toFields(event['message']), '/message', '', ['content', 'thinking']);
  return { deltas: collector.found, ends: event['done'] === true ? null : NO_GROUPS };
}
