import { DeltaCollector, NO_GROUPS, toIndex, type TextReading } from '../base/text-deltas.js';
import { toFields, type Fields } from '../base/token-counts.js';

/** Events of Messages, and of the older Text Completions. */
export function readAnthropicText(event: Fields): TextReading {
  const collector = new DeltaCollector();
  const type = event['type'];
  const path = `/content/${toIndex(event['index'])}`;
  if (type === 'content_block_delta')
    collector.add(toFields(event['delta']), path, '', ['text', 'partial_json', 'thinking']);
  else if (type === 'completion') collector.add(event, '', '', ['completion']);
  const continues = type === 'content_block_delta' || type === 'ping' || type === 'completion';
  return { deltas: collector.found, ends: continues ? NO_GROUPS : null };
}
