import { DeltaCollector, NO_GROUPS, toElements, toIndex, type TextReading } from '../base/text-deltas.js';
import { toFields, type Fields } from '../base/token-counts.js';

/** Chat Completions, Completions, Responses and transcripts. */
export const readOpenAiText = (event: Fields): TextReading =>
  Array.isArray(event['choices']) ? readChat(event['choices']) : readResponses(event);

const NO_TEXT: ReadonlySet<string> = new Set(['role', 'id', 'type', 'name']);

function readChat(listed: readonly unknown[]): TextReading {
  const collector = new DeltaCollector();
  const choices = listed.map(toFields);
  const ends: string[] = [];
  for (const [position, choice] of choices.entries()) {
    const group = `/choices/${toIndex(choice?.['index'], position)}`;
    const delta = toFields(choice?.['delta']);
    collector.add(choice, group, group, ['text']);
    if (delta) addChatDelta(delta, group, collector);
    if (choice?.['finish_reason']) ends.push(group);
  }
  return { deltas: collector.found, ends: choices.length === 0 ? null : ends };
}

function addChatDelta(delta: Fields, group: string, collector: DeltaCollector): void {
  const path = `${group}/delta`;
  collector.add(
    delta,
    path,
    group,
    Object.keys(delta).filter((name) => !NO_TEXT.has(name)),
  );
  for (const [position, value] of toElements(delta['tool_calls']).entries()) {
    const call = toFields(value);
    const callPath = `${path}/tool_calls/${toIndex(call?.['index'], position)}`;
    collector.add(toFields(call?.['function']), `${callPath}/function`, group, ['arguments']);
    collector.add(toFields(call?.['custom']), `${callPath}/custom`, group, ['input']);
  }
  collector.add(toFields(delta['function_call']), `${path}/function_call`, group, ['arguments']);
  collector.add(toFields(delta['audio']), `${path}/audio`, group, ['transcript']);
  for (const value of toElements(delta['reasoning_details']))
    collector.add(toFields(value), `${path}/reasoning_details`, group, ['text', 'summary']);
  // Mistral: parts, some of which contain thoughts in parts of their own
  for (const value of toElements(delta['content'])) {
    const part = toFields(value);
    collector.add(part, `${path}/content`, group, ['text']);
    for (const thought of toElements(part?.['thinking']))
      collector.add(toFields(thought), `${path}/content/thinking`, group, ['text']);
  }
}

/** Events of Responses, and of transcripts: a text in `delta`, and the indices of the item to which it belongs. */
function readResponses(event: Fields): TextReading {
  const type = toIndex(event['type'], '');
  if (!type.endsWith('.delta'))
    return { deltas: [], ends: /\.(?:done|completed|incomplete|failed)$|^error$/.test(type) ? null : NO_GROUPS };
  if (/audio\.delta$/.test(type)) return { deltas: [], ends: NO_GROUPS };
  const collector = new DeltaCollector();
  const part = toIndex(event['content_index'] ?? event['summary_index']);
  collector.add(event, `/output/${toIndex(event['output_index'])}/${type}/${part}`, '', ['delta']);
  return { deltas: collector.found, ends: NO_GROUPS };
}
