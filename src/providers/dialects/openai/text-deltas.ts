import { DeltaCollector, NO_GROUPS, toElements, toIndex, type TextReading } from '../base/text-deltas.js';
import { toFields, type Fields } from '../base/token-counts.js';

/** Chat Completions, Completions, Responses and transcripts. */
export const readOpenAiText = (event: Fields): TextReading =>
  Array.isArray(event['choices']) ? readChat(event['choices']) : readResponses(event);

const NO_TEXT: ReadonlySet<string> = new Set(['role', 'id', 'type', 'name']);

function readChat(listed: readonly unknown[]): TextReading {
  const pieces = new DeltaCollector();
  const choices = listed.map(toFields);
  const ends: string[] = [];
  for (const [position, choice] of choices.entries()) {
    const group = `/choices/${toIndex(choice?.['index'], position)}`;
    const delta = toFields(choice?.['delta']);
    pieces.add(choice, group, group, ['text']);
    if (delta) addChatDelta(delta, group, pieces);
    if (choice?.['finish_reason']) ends.push(group);
  }
  return { deltas: pieces.found, ends: choices.length === 0 ? null : ends };
}

function addChatDelta(delta: Fields, group: string, pieces: DeltaCollector): void {
  const path = `${group}/delta`;
  pieces.add(
    delta,
    path,
    group,
    Object.keys(delta).filter((name) => !NO_TEXT.has(name)),
  );
  for (const [position, value] of toElements(delta['tool_calls']).entries()) {
    const call = toFields(value);
    const of = `${path}/tool_calls/${toIndex(call?.['index'], position)}`;
    pieces.add(toFields(call?.['function']), `${of}/function`, group, ['arguments']);
    pieces.add(toFields(call?.['custom']), `${of}/custom`, group, ['input']);
  }
  pieces.add(toFields(delta['function_call']), `${path}/function_call`, group, ['arguments']);
  pieces.add(toFields(delta['audio']), `${path}/audio`, group, ['transcript']);
  for (const value of toElements(delta['reasoning_details']))
    pieces.add(toFields(value), `${path}/reasoning_details`, group, ['text', 'summary']);
  // Mistral: parts, some of which contain thoughts in parts of their own
  for (const value of toElements(delta['content'])) {
    const part = toFields(value);
    pieces.add(part, `${path}/content`, group, ['text']);
    for (const thought of toElements(part?.['thinking']))
      pieces.add(toFields(thought), `${path}/content/thinking`, group, ['text']);
  }
}

/** Events of Responses, and of transcripts: a text in `delta`, and the indices of the item to which it belongs. */
function readResponses(event: Fields): TextReading {
  const type = toIndex(event['type'], '');
  if (!type.endsWith('.delta'))
    return { deltas: [], ends: /\.(?:done|completed|incomplete|failed)$|^error$/.test(type) ? null : NO_GROUPS };
  if (/audio\.delta$/.test(type)) return { deltas: [], ends: NO_GROUPS };
  const pieces = new DeltaCollector();
  const part = toIndex(event['content_index'] ?? event['summary_index']);
  pieces.add(event, `/output/${toIndex(event['output_index'])}/${type}/${part}`, '', ['delta']);
  return { deltas: pieces.found, ends: NO_GROUPS };
}
