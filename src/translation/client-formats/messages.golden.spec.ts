/**
 * Golden cases of the Messages format, `test/fixtures/translation/messages/*.json`: Messages requests translated to Chat,
 * and completions, chunks and errors translated back.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GatewayError } from '../../platform/errors/gateway-error.js';
import type { ChatChunk, ChatCompletion, ChatRequest, JsonObject } from '../pivot/chat.js';
import type { ChatError } from '../pivot/translator.js';
import { createMessagesFormat } from './messages.client-format.js';

interface MessagesCase {
  title: string;
  /** Page of Anthropic's documentation. */
  source: string;
  request: JsonObject;
  chat?: ChatRequest;
  /** Instead of `chat`. */
  refused?: { code: string; says: string };
  dropped?: string[];
  answer?: { chat: ChatCompletion; message: JsonObject };
  /** Chunks and an error after them: then `end` is not called. */
  stream?: { chat: ChatChunk[]; error?: ChatError; events: JsonObject[] };
  errors?: { status: number; chat: ChatError; body: JsonObject }[];
}

const FIXTURES = join(import.meta.dirname, '../../../test/fixtures/translation/messages');
const cases = readdirSync(FIXTURES).map(
  (file) => [file, JSON.parse(readFileSync(join(FIXTURES, file), 'utf8')) as MessagesCase] as const,
);

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const frontOf = (request: JsonObject) =>
  createMessagesFormat(plain(request) as JsonObject, { id: 'msg_golden', created: 1_790_000_000 });

it('the golden cases number at least fourteen', () => {
  expect(cases.length).toBeGreaterThanOrEqual(14);
});

describe.each(cases)('messages/%s', (file, golden) => {
  const { request, chat, refused, answer, stream, errors = [] } = golden;

  if (chat)
    it(`${file}: the request translates to Chat`, () => {
      const front = frontOf(request);
      expect(plain(front.chat)).toEqual(chat);
      expect([...front.dropped].sort()).toEqual([...(golden.dropped ?? [])].sort());
    });

  if (refused)
    it(`${file}: the request is refused with a reason`, () => {
      const attempt = (): unknown => frontOf(request);
      expect(attempt).toThrow(refused.says);
      expect(codeOf(attempt)).toBe(refused.code);
    });

  if (answer)
    it(`${file}: the completion translates to a Message`, () => {
      expect(JSON.parse(frontOf(request).renderResponse(answer.chat))).toEqual(answer.message);
    });

  if (stream)
    it(`${file}: the chunks translate to Anthropic events`, () => {
      const told: string[] = [];
      const front = frontOf(request).createStream((events) => told.push(events));
      for (const chunk of stream.chat) front.writeChunk(chunk);
      if (stream.error) front.writeError(stream.error);
      else front.end();
      expect(eventsOf(told.join(''))).toEqual(stream.events);
    });

  for (const { status, chat: error, body } of errors)
    it(`${file}: an error of status ${status} translates to a Messages error: ${error.message}`, () => {
      expect(JSON.parse(frontOf(request).renderError(error, status, 'req_1'))).toEqual(body);
    });
});

/** Parses the events. The name of every event must equal the type of its data. */
function eventsOf(text: string): unknown[] {
  return text
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event) => {
      const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(event)!;
      const told = JSON.parse(data!) as JsonObject;
      expect(told['type']).toBe(name);
      return told;
    });
}

function codeOf(attempt: () => unknown): string | undefined {
  try {
    attempt();
  } catch (error) {
    return (error as GatewayError).code;
  }
  return undefined;
}
