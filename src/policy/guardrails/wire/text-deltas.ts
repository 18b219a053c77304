/** Locates the pieces of text in the events of each stream format. Pure. Unknown events are checked as a whole. */
import type { DialectId } from '../../../providers/dialects/base/dialect.js';

type Members = Record<string, unknown>;

export interface TextDelta {
  /** The pieces of one channel make up one text. In the form of a JSON Pointer. */
  readonly channel: string;
  /** Only one channel of a group is written at a time. */
  readonly group: string;
  readonly holder: Members;
  readonly member: string;
}

export interface TextReading {
  readonly deltas: readonly TextDelta[];
  /** Groups whose texts end with this event; null: all. */
  readonly ends: readonly string[] | null;
}

const NONE: readonly string[] = [];

const fields = (value: unknown): Members | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : undefined;
const elements = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const toIndex = (value: unknown, otherwise: number | string = 0): string =>
  typeof value === 'number' || typeof value === 'string' ? String(value) : String(otherwise);

/** Collects the pieces of one event. */
class DeltaCollector {
  readonly found: TextDelta[] = [];

  /** Adds the named members of the holder that are texts; without names, all of its texts. */
  add(holder: Members | undefined, path: string, group: string, members = Object.keys(holder ?? {})): void {
    for (const member of holder ? members : NONE) {
      const text = holder![member];
      if (typeof text === 'string' && text !== '')
        this.found.push({ channel: `${path}/${member}`, group, holder: holder!, member });
    }
  }
}

export function readEvent(dialect: DialectId, event: Members): TextReading {
  if (dialect === 'openai') return Array.isArray(event['choices']) ? chat(event) : responses(event);
  if (dialect === 'anthropic') return anthropic(event);
  if (dialect === 'gemini') return gemini(event);
  if (dialect === 'cohere') return typeof event['event_type'] === 'string' ? cohereV1(event) : cohere(event);
  return dialect === 'ollama' ? ollama(event) : bedrock(event);
}

const NO_TEXT: ReadonlySet<string> = new Set(['role', 'id', 'type', 'name']);

function chat(event: Members): TextReading {
  const pieces = new DeltaCollector();
  const choices = elements(event['choices']).map(fields);
  const ends: string[] = [];
  for (const [position, choice] of choices.entries()) {
    const group = `/choices/${toIndex(choice?.['index'], position)}`;
    const delta = fields(choice?.['delta']);
    pieces.add(choice, group, group, ['text']);
    if (delta) chatDelta(delta, group, pieces);
    if (choice?.['finish_reason']) ends.push(group);
  }
  return { deltas: pieces.found, ends: choices.length === 0 ? null : ends };
}

function chatDelta(delta: Members, group: string, pieces: DeltaCollector): void {
  const path = `${group}/delta`;
  pieces.add(
    delta,
    path,
    group,
    Object.keys(delta).filter((name) => !NO_TEXT.has(name)),
  );
  for (const [position, value] of elements(delta['tool_calls']).entries()) {
    const call = fields(value);
    const of = `${path}/tool_calls/${toIndex(call?.['index'], position)}`;
    pieces.add(fields(call?.['function']), `${of}/function`, group, ['arguments']);
    pieces.add(fields(call?.['custom']), `${of}/custom`, group, ['input']);
  }
  pieces.add(fields(delta['function_call']), `${path}/function_call`, group, ['arguments']);
  pieces.add(fields(delta['audio']), `${path}/audio`, group, ['transcript']);
  for (const value of elements(delta['reasoning_details']))
    pieces.add(fields(value), `${path}/reasoning_details`, group, ['text', 'summary']);
  // Mistral: parts, some of which contain thoughts in parts of their own
  for (const value of elements(delta['content'])) {
    const part = fields(value);
    pieces.add(part, `${path}/content`, group, ['text']);
    for (const thought of elements(part?.['thinking']))
      pieces.add(fields(thought), `${path}/content/thinking`, group, ['text']);
  }
}

/** Events of Responses, and of transcripts: a text in `delta`, and the indices of the item to which it belongs. */
function responses(event: Members): TextReading {
  const type = toIndex(event['type'], '');
  if (!type.endsWith('.delta'))
    return { deltas: [], ends: /\.(?:done|completed|incomplete|failed)$|^error$/.test(type) ? null : NONE };
  if (/audio\.delta$/.test(type)) return { deltas: [], ends: NONE };
  const pieces = new DeltaCollector();
  const part = toIndex(event['content_index'] ?? event['summary_index']);
  pieces.add(event, `/output/${toIndex(event['output_index'])}/${type}/${part}`, '', ['delta']);
  return { deltas: pieces.found, ends: NONE };
}

function anthropic(event: Members): TextReading {
  const pieces = new DeltaCollector();
  const path = `/content/${toIndex(event['index'])}`;
  if (event['type'] === 'content_block_delta')
    pieces.add(fields(event['delta']), path, '', ['text', 'partial_json', 'thinking']);
  else if (event['type'] === 'completion') pieces.add(event, '', '', ['completion']);
  const goesOn = event['type'] === 'content_block_delta' || event['type'] === 'ping' || event['type'] === 'completion';
  return { deltas: pieces.found, ends: goesOn ? NONE : null };
}

function gemini(event: Members): TextReading {
  const pieces = new DeltaCollector();
  const ends: string[] = [];
  for (const [position, value] of elements(event['candidates']).entries()) {
    const candidate = fields(value);
    const group = `/candidates/${toIndex(candidate?.['index'], position)}`;
    for (const element of elements(fields(candidate?.['content'])?.['parts'])) {
      const part = fields(element);
      pieces.add(part, `${group}/content/parts${part?.['thought'] === true ? '/thought' : ''}`, group, ['text']);
    }
    if (candidate?.['finishReason']) ends.push(group);
  }
  return { deltas: pieces.found, ends };
}

function cohere(event: Members): TextReading {
  const pieces = new DeltaCollector();
  const type = toIndex(event['type'], '');
  const message = fields(fields(event['delta'])?.['message']);
  const path = `/message/${toIndex(event['index'])}`;
  if (type === 'content-delta') pieces.add(fields(message?.['content']), `${path}/content`, '', ['text', 'thinking']);
  else if (type === 'tool-plan-delta') pieces.add(message, path, '', ['tool_plan']);
  else if (type === 'tool-call-delta')
    pieces.add(fields(fields(message?.['tool_calls'])?.['function']), `${path}/tool_calls/function`, '', ['arguments']);
  return { deltas: pieces.found, ends: /-(?:end|start)$/.test(type) ? null : NONE };
}

/** Events that end a text in Cohere's version 1. Citations may come between the pieces of their text. */
const ENDS_OF_V1: ReadonlySet<string> = new Set(['stream-end', 'tool-calls-generation', 'search-queries-generation']);

function cohereV1(event: Members): TextReading {
  const pieces = new DeltaCollector();
  const type = toIndex(event['event_type'], '');
  if (type === 'text-generation') pieces.add(event, '', '', ['text']);
  else if (type === 'tool-calls-chunk') {
    const call = fields(event['tool_call_delta']);
    pieces.add(event, '/tool_plan', '', ['text']);
    pieces.add(call, `/tool_calls/${toIndex(call?.['index'])}`, '', ['parameters']);
  }
  return { deltas: pieces.found, ends: ENDS_OF_V1.has(type) ? null : NONE };
}

/** Lines of Ollama: of `api/chat` with a message, of `api/generate` without one. Tool calls arrive whole. */
function ollama(event: Members): TextReading {
  const pieces = new DeltaCollector();
  pieces.add(event, '', '', ['response', 'thinking']);
  pieces.add(fields(event['message']), '/message', '', ['content', 'thinking']);
  return { deltas: pieces.found, ends: event['done'] === true ? null : NONE };
}

/** Events of Converse, as members under their names, and events in the formats of the models' vendors. */
function bedrock(event: Members): TextReading {
  if (typeof event['type'] === 'string') return anthropic(event);
  const pieces = new DeltaCollector();
  const block = fields(event['contentBlockDelta']);
  const delta = fields(block?.['delta']);
  const path = `/content/${toIndex(block?.['contentBlockIndex'])}`;
  pieces.add(delta, path, '', ['text']);
  pieces.add(fields(delta?.['toolUse']), `${path}/toolUse`, '', ['input']);
  pieces.add(fields(delta?.['reasoningContent']), `${path}/reasoningContent`, '', ['text']);
  pieces.add(event, '', '', ['generation', 'outputText', 'text', 'completion']);
  for (const output of elements(event['outputs'])) pieces.add(fields(output), '/outputs', '', ['text']);
  return { deltas: pieces.found, ends: pieces.found.length > 0 ? NONE : null };
}
