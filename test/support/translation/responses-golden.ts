/** Golden cases of the Responses front, `test/fixtures/translation/responses/*.json`, and the functions that run them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  ChatChunk,
  ChatCompletion,
  ChatDelta,
  ChatUsage,
  JsonObject,
} from '../../../src/translation/pivot/chat.js';
import type { ChatError, ClientFormat } from '../../../src/translation/pivot/translator.js';

/** A delta represents its chunk; `finish`, `usage` and `logprobs` are set where a chunk has them. */
export type ScriptedChunk = { usage: ChatUsage } | (ChatDelta & { finish?: string; logprobs?: JsonObject });

export interface ResponsesCase {
  title: string;
  /** Where the format is documented, or a client that is known to send it. */
  source: string;
  body: JsonObject;
  /** The translated request. */
  chat?: JsonObject;
  dropped?: string[];
  /** Each overrides the body's members with these. */
  refused?: { with: JsonObject; code: string; says: string }[];
  answer?: { chat: Partial<ChatCompletion>; response: JsonObject };
  /** Events as `[type, members]` without sequence numbers; a response in them has the form of `shortResponse`. */
  stream?: { chunks: ScriptedChunk[]; error?: ChatError; events: [string, JsonObject][] };
}

export const CONTEXT = { id: 'resp_golden', created: 1_790_000_000 };
const FIXTURES = join(import.meta.dirname, '../../fixtures/translation/responses');

export function responsesCases(): [string, ResponsesCase][] {
  return readdirSync(FIXTURES)
    .filter((file) => file.endsWith('.json'))
    .map((file) => [file, JSON.parse(readFileSync(join(FIXTURES, file), 'utf8')) as ResponsesCase]);
}

export function chunkOf(scripted: ScriptedChunk): ChatChunk {
  const head = {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk' as const,
    created: CONTEXT.created,
    model: 'claude-x',
  };
  if ('usage' in scripted) return { ...head, choices: [], usage: scripted.usage };
  const { finish = null, logprobs, ...delta } = scripted;
  return {
    ...head,
    choices: [{ index: 0, delta, finish_reason: finish as 'stop' | null, ...(logprobs && { logprobs }) }],
  };
}

export function completionOf(partial: Partial<ChatCompletion>): ChatCompletion {
  const head = { id: 'chatcmpl-1', object: 'chat.completion' as const, created: CONTEXT.created, model: 'claude-x' };
  return { ...head, choices: [], ...partial };
}

/** Returns the text of the stream that a front produces from these chunks. */
export function streamedText(front: ClientFormat, chunks: readonly ScriptedChunk[], error?: ChatError): string {
  let text = '';
  const stream = front.createStream((events) => void (text += events));
  for (const chunk of chunks) stream.writeChunk(chunkOf(chunk));
  if (error) stream.writeError(error);
  else stream.end();
  return text;
}

/**
 * Returns the events of a Responses stream. Checks that each has the same name twice and that they are numbered from 0.
 */
export function eventsOf(text: string): [string, JsonObject][] {
  expect(text.endsWith('\n\n')).toBe(true);
  return text
    .slice(0, -2)
    .split('\n\n')
    .map((event, i) => {
      const [name, data, ...others] = event.split('\n');
      expect(others).toEqual([]);
      const { type, sequence_number: number, ...members } = JSON.parse(data!.slice('data: '.length));
      expect([name, number]).toEqual([`event: ${type}`, i]);
      return [type as string, 'response' in members ? { response: shortResponse(members.response) } : members];
    });
}

function shortResponse({ status, error, incomplete_details, model, output, usage }: JsonObject): JsonObject {
  return {
    status,
    model,
    output,
    usage,
    ...(error ? { error } : {}),
    ...(incomplete_details ? { incomplete_details } : {}),
  };
}
