/**
 * Promise: for arbitrary responses of Cohere the stream equals the whole response, and the next turn sends all of it
 * back.
 */
import fc from 'fast-check';
import { streamed } from '../../../test/support/translation/golden.js';
import { readChunks, readCompletion } from '../../../test/support/translation/oracle.js';
import type { ChatMessage, ChatRequest, JsonObject } from '../pivot/chat.js';
import { cohereTranslator } from './cohere.translator.js';

const context = { model: 'command-a-reasoning-08-2025', id: 'chatcmpl-1', created: 1_790_000_000, streaming: true };
const words = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' });
const input = fc.dictionary(fc.string({ maxLength: 6 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 });
const said = fc.record({
  thinking: fc.option(fc.array(words, { minLength: 1, maxLength: 3 }), { nil: null }),
  text: fc.option(fc.array(words, { minLength: 1, maxLength: 3 }), { nil: null }),
  calls: fc.array(fc.record({ name: fc.constantFrom('find', 'read'), input }), { maxLength: 3 }),
});
type Said = { thinking: string[] | null; text: string[] | null; calls: { name: string; input: JsonObject }[] };

const USAGE = { billed_units: { input_tokens: 5, output_tokens: 7 }, cached_tokens: 2 };
interface Turn {
  tool_plan?: string;
  content?: string | { [kind: string]: string }[];
  tool_calls?: JsonObject[];
}

const reasonOf = ({ calls }: Said): string => (calls.length > 0 ? 'TOOL_CALL' : 'COMPLETE');

function answerOf(made: Said): Buffer {
  const { thinking, text, calls } = made;
  const content = [
    ...(thinking ? [{ type: 'thinking', thinking: thinking.join('') }] : []),
    ...(text && calls.length === 0 ? [{ type: 'text', text: text.join('') }] : []),
  ];
  const message = {
    role: 'assistant',
    content,
    ...(text && calls.length > 0 && { tool_plan: text.join('') }),
    tool_calls: calls.map((call, i) => callOf(call, i)),
  };
  return Buffer.from(JSON.stringify({ id: 'a', message, finish_reason: reasonOf(made), usage: USAGE }));
}

const callOf = ({ name, input: given }: Said['calls'][number], i: number) => ({
  id: `${name}_${i}`,
  type: 'function',
  function: { name, arguments: JSON.stringify(given) },
});

function streamOf(made: Said): Buffer {
  const { thinking, text, calls } = made;
  const events: JsonObject[] = [{ type: 'message-start', id: 'a', delta: { message: { role: 'assistant' } } }];
  const block = (kind: string, pieces: readonly string[], index: number): void => {
    events.push({ type: 'content-start', index, delta: { message: { content: { type: kind, [kind]: '' } } } });
    for (const piece of pieces)
      events.push({ type: 'content-delta', index, delta: { message: { content: { [kind]: piece } } } });
    events.push({ type: 'content-end', index });
  };
  if (thinking) block('thinking', thinking, 0);
  if (text && calls.length === 0) block('text', text, 1);
  else
    for (const piece of text ?? []) events.push({ type: 'tool-plan-delta', delta: { message: { tool_plan: piece } } });
  calls.forEach((call, index) => {
    const { function: called, ...head } = callOf(call, index);
    const start = { ...head, function: { name: called.name, arguments: '' } };
    events.push({ type: 'tool-call-start', index, delta: { message: { tool_calls: start } } });
    for (const piece of called.arguments.split(/(?<=[,:])/))
      events.push({
        type: 'tool-call-delta',
        index,
        delta: { message: { tool_calls: { function: { arguments: piece } } } },
      });
    events.push({ type: 'tool-call-end', index });
  });
  events.push({ type: 'message-end', delta: { finish_reason: reasonOf(made), usage: USAGE } });
  return Buffer.from(
    events.map((event) => `event: ${String(event['type'])}\ndata: ${JSON.stringify(event)}\n\n`).join(''),
  );
}

it('any stream equals the whole response, wherever it is cut', () => {
  fc.assert(
    fc.property(said, fc.nat(), (made, cut) => {
      const bytes = streamOf(made);
      const at = cut % bytes.length;
      const { chunks, error, ended } = streamed(cohereTranslator, context, [bytes.subarray(0, at), bytes.subarray(at)]);
      expect([error, ended]).toEqual([null, true]);
      expect(readChunks(chunks)).toEqual(readCompletion(cohereTranslator.translateResponse(answerOf(made), context)));
    }),
  );
});

it('the next turn returns thinking, text and calls of any response to Cohere', () => {
  fc.assert(
    fc.property(said, (made) => {
      const { message } = cohereTranslator.translateResponse(answerOf(made), context).choices[0]!;
      const messages = [{ role: 'user', content: 'Go on.' }, message] as ChatMessage[];
      const { body, dropped } = cohereTranslator.translateRequest({ model: 'm', messages }, context);
      expect(dropped).toEqual([]);
      const { tool_plan: plan, content = [], tool_calls: calls = [] } = (body['messages'] as Turn[])[1]!;
      const blocks: { [kind: string]: string }[] =
        typeof content === 'string' ? [{ type: 'text', text: content }] : content;
      const of = (kind: string): string => blocks.map((block) => block[kind] ?? '').join('');
      expect(of('thinking')).toBe((made.thinking ?? []).join(''));
      expect((plan ?? '') + of('text')).toBe((made.text ?? []).join(''));
      expect(calls).toEqual(made.calls.map((call, i) => callOf(call, i)));
    }),
  );
});

const member = fc.oneof(fc.constant(null), fc.jsonValue({ maxDepth: 1 }));
const members = fc.dictionary(
  // `n` is a known member, and a number
  fc.string({ minLength: 1, maxLength: 12 }).filter((name) => !(name in Object.prototype) && name !== 'n'),
  member,
  { maxKeys: 4 },
);

it('unknown members of a request are sent or named as dropped', () => {
  fc.assert(
    fc.property(members, (others) => {
      const chat: ChatRequest = { ...others, model: 'm', messages: [{ role: 'user', content: 'Hello.' }] };
      const { body, dropped } = cohereTranslator.translateRequest(chat, { ...context, streaming: false });
      const unsaid = Object.keys(others).filter((name) => others[name] !== null && others[name] !== false);
      for (const name of unsaid) expect([...dropped, ...Object.keys(body)]).toContain(name);
    }),
  );
});
