import { readAnthropicText } from '../anthropic/text-deltas.js';
import { DeltaCollector, NO_GROUPS, toElements, toIndex, type TextReading } from '../base/text-deltas.js';
import { toFields, type Fields } from '../base/token-counts.js';

/** Events of Converse, as members under their names, and events in the formats of the models' vendors. */
export function readBedrockText(event: Fields): TextReading {
  if (typeof event['type'] === 'string') return readAnthropicText(event);
  const collector = new DeltaCollector();
  const block = toFields(event['contentBlockDelta']);
  const delta = toFields(block?.['delta']);
  const path = `/content/${toIndex(block?.['contentBlockIndex'])}`;
  collector.add(delta, path, '', ['text']);
  collector.add(toFields(delta?.['toolUse']), `${path}/toolUse`, '', ['input']);
  collector.add(toFields(delta?.['reasoningContent']), `${path}/reasoningContent`, '', ['text']);
  collector.add(event, '', '', ['generation', 'outputText', 'text', 'completion']);
  for (const output of toElements(event['outputs'])) collector.add(toFields(output), '/outputs', '', ['text']);
  return { deltas: collector.found, ends: collector.found.length > 0 ? NO_GROUPS : null };
}
