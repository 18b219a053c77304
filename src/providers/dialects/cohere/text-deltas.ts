import { DeltaCollector, NO_GROUPS, toIndex, type TextReading } from '../base/text-deltas.js';
import { toFields, type Fields } from '../base/token-counts.js';

export const readCohereText = (event: Fields): TextReading =>
  typeof event['event_type'] === 'string' ? readV1(event, event['event_type']) : readV2(event);

function readV2(event: Fields): TextReading {
  const collector = new DeltaCollector();
  const type = toIndex(event['type'], '');
  const message = toFields(toFields(event['delta'])?.['message']);
  const path = `/message/${toIndex(event['index'])}`;
  if (type === 'content-delta')
    collector.add(toFields(message?.['content']), `${path}/content`, '', ['text', 'thinking']);
  else if (type === 'tool-plan-delta') collector.add(message, path, '', ['tool_plan']);
  else if (type === 'tool-call-delta')
    collector.add(toFields(toFields(message?.['tool_calls'])?.['function']), `${path}/tool_calls/function`, '', [
      'arguments',
    ]);
  return { deltas: collector.found, ends: /-(?:end|start)$/.test(type) ? null : NO_GROUPS };
}

/** Events that end a text in Cohere's version 1. Citations may come between the pieces of their text. */
const ENDS_OF_V1: ReadonlySet<string> = new Set(['stream-end', 'tool-calls-generation', 'search-queries-generation']);

function readV1(event: Fields, type: string): TextReading {
  const collector = new DeltaCollector();
  if (type === 'text-generation') collector.add(event, '', '', ['text']);
  else if (type === 'tool-calls-chunk') {
    const call = toFields(event['tool_call_delta']);
    collector.add(event, '/tool_plan', '', ['text']);
    collector.add(call, `/tool_calls/${toIndex(call?.['index'])}`, '', ['parameters']);
  }
  return { deltas: collector.found, ends: ENDS_OF_V1.has(type) ? null : NO_GROUPS };
}
