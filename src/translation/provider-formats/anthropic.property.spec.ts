import fc from 'fast-check';
import { streamed } from '../../../test/support/translation/golden.js';
import { readChunks, readCompletion } from '../../../test/support/translation/oracle.js';
import type { AssistantMessage, ChatMessage, JsonObject, ToolCall, ToolMessage } from '../pivot/chat.js';
import { anthropicTranslator } from './anthropic.translator.js';
import { CLAUDE_FORMAT } from './anthropic/reasoning-replay.js';
import type { Turn } from './anthropic/request/turns.js';

const context = { model: 'claude-opus-4-8', id: 'chatcmpl-1', created: 1, streaming: false };

const text = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }).filter((one) => one.trim() !== '');
const content = fc.oneof(
  text,
  fc.array(
    text.map((one) => ({ type: 'text' as const, text: one })),
    { minLength: 1, maxLength: 3 },
  ),
);
const name = fc.stringMatching(/^[a-z]{1,8}$/);
const id = fc.uuid().map((uuid) => `call_${uuid}`);
const input = fc.dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 });
const call = fc.record({ id, name, input }).map((made): ToolCall => ({
  id: made.id,
  type: 'function',
  function: { name: made.name, arguments: JSON.stringify(made.input) },
}));

const said = fc.record({ role: fc.constantFrom('system' as const, 'developer' as const, 'user' as const), content });
const details = fc.array(
  fc.record({
    type: fc.constant('reasoning.encrypted' as const),
    data: fc.base64String({ minLength: 4 }),
    format: fc.constant(CLAUDE_FORMAT),
    index: fc.nat(3),
  }),
  { maxLength: 2 },
);
const answered = fc
  .tuple(fc.option(fc.oneof(content, fc.constant(' '))), details)
  .map(([one, thought]): ChatMessage[] => [{ role: 'assistant', content: one, reasoning_details: thought }]);
/** Calls and their results in any order, optionally with an instruction between them. */
const called = fc
  .record({
    content: fc.option(content),
    calls: fc.array(call, { minLength: 1, maxLength: 3 }),
    results: fc.array(content, { minLength: 3, maxLength: 3 }),
    between: fc.option(said),
    isReversed: fc.boolean(),
  })
  .map((made): ChatMessage[] => {
    const assistant: AssistantMessage = { role: 'assistant', content: made.content, tool_calls: made.calls };
    const results = made.calls.map((one, i): ToolMessage => {
      return { role: 'tool', tool_call_id: one.id, content: made.results[i]! };
    });
    return [assistant, ...(made.between ? [made.between] : []), ...(made.isReversed ? results.reverse() : results)];
  });
const conversation = fc
  .tuple(
    fc.array(
      fc.oneof(
        said.map((one): ChatMessage[] => [one]),
        answered,
        called,
      ),
      { maxLength: 8 },
    ),
    content.map((one): ChatMessage => ({ role: 'user', content: one })),
  )
  .map(([parts, last]): ChatMessage[] => [...parts.flat(), last]);

const textsOf = (of: ChatMessage['content']): string[] =>
  typeof of === 'string' ? [of] : (of ?? []).map((part) => (part as { text: string }).text);

const isSaid = (one: string): boolean => one.trim() !== '';

const unmarked = (block: JsonObject): string =>
  (block['text'] as string).replace(/^<system>\n([^]*)\n<\/system>$/, '$1');

describe('any conversation', () => {
  const asked = (messages: ChatMessage[]) => {
    const { body } = anthropicTranslator.translateRequest({ model: 'claude', messages }, context);
    return body as unknown as { system?: JsonObject[]; messages: Turn[] };
  };

  it('any conversation keeps every text, call and result in order', () => {
    fc.assert(
      fc.property(conversation, (messages) => {
        const { system = [], messages: turns } = asked(messages);
        const blocks = [...system, ...turns.flatMap((turn) => turn.content)];
        const all = (type: string): JsonObject[] => blocks.filter((block) => block['type'] === type);
        const results = messages.filter((message) => message.role === 'tool');
        const calls = messages.flatMap((message) => (message.role === 'assistant' ? (message.tool_calls ?? []) : []));

        expect(all('text').map(unmarked)).toEqual(
          messages.flatMap((message) => (message.role === 'tool' ? [] : textsOf(message.content).filter(isSaid))),
        );
        expect(all('tool_use')).toEqual(
          calls.map((one) => ({
            type: 'tool_use',
            id: one.id,
            name: one.function.name,
            input: JSON.parse(one.function.arguments) as unknown,
          })),
        );
        expect(all('tool_result').map((block) => [block['tool_use_id'], textsOf(block['content'] as string)])).toEqual(
          results.map((message) => [message.tool_call_id, textsOf(message.content)]),
        );
      }),
    );
  });

  it('turns of any conversation alternate, begin with results and have no empty or trailing thinking blocks', () => {
    fc.assert(
      fc.property(conversation, (messages) => {
        const { messages: turns } = asked(messages);
        for (const [i, turn] of turns.entries()) {
          expect(turn.role).not.toBe(turns[i - 1]?.role);
          const kinds = turn.content.map((block) => block['type'] === 'tool_result');
          expect(kinds.lastIndexOf(true)).toBeLessThan(kinds.includes(false) ? kinds.indexOf(false) : kinds.length);
          expect(turn.content.length).toBeGreaterThan(0);
          expect(turn.content.at(-1)!['type']).not.toMatch(/thinking/);
          for (const block of turn.content) if (block['type'] === 'text') expect(block['text']).toMatch(/\S/);
        }
      }),
    );
  });

  it('later messages do not change the translation of the earlier ones', () => {
    fc.assert(
      fc.property(conversation, called, (before, after) => {
        const earlier = asked(before);
        const later = asked([...before, ...after]);
        expect(later.system).toEqual(earlier.system);
        expect(later.messages.slice(0, earlier.messages.length)).toEqual(earlier.messages);
      }),
    );
  });
});

describe('any unknown member', () => {
  const NOTHING = [null, false, [], {}];
  const value = fc.oneof(fc.constantFrom(...NOTHING), fc.integer(), fc.boolean(), fc.string(), fc.array(fc.string()));

  it('an unknown member is named as dropped unless it is null or false', () => {
    fc.assert(
      fc.property(fc.oneof(fc.stringMatching(/^x_[a-z]{1,8}$/), fc.constant('constructor')), value, (member, set) => {
        const chat = { model: 'claude', messages: [{ role: 'user' as const, content: 'Hello' }], [member]: set };
        const { body, dropped } = anthropicTranslator.translateRequest(chat, context);
        const asksNothing = set === null || set === false;
        expect(dropped).toEqual(asksNothing ? [] : [member]);
        expect(Object.hasOwn(body, member)).toBe(false);
      }),
    );
  });
});

describe('any response', () => {
  const thinking = fc.oneof(
    fc.record({ type: fc.constant('thinking'), thinking: fc.string(), signature: fc.base64String({ minLength: 4 }) }),
    fc.record({ type: fc.constant('redacted_thinking'), data: fc.base64String({ minLength: 4 }) }),
  );
  const use = fc.record({ type: fc.constant('tool_use'), id, name, input: input.map(asJson) });
  const many = (of: fc.Arbitrary<JsonObject>) => fc.array(of, { maxLength: 2 });
  const blocks = fc
    .tuple(
      many(thinking),
      fc.array(
        text.map((one): JsonObject => ({ type: 'text', text: one })),
        { maxLength: 1 },
      ),
      many(thinking),
      many(use),
      many(thinking),
      fc.array(use, { minLength: 1, maxLength: 2 }),
    )
    .map((parts): JsonObject[] => parts.flat());

  const answer = (content: JsonObject[]) =>
    Buffer.from(JSON.stringify({ type: 'message', id: 'msg_1', model: 'claude', content, stop_reason: 'tool_use' }));

  it('the content of any response returns to the vendor unchanged', () => {
    fc.assert(
      fc.property(blocks, (content) => {
        const { message } = anthropicTranslator.translateResponse(answer(content), context).choices[0]!;
        const messages: ChatMessage[] = [{ role: 'user', content: 'Go on' }, message, { role: 'user', content: 'On' }];
        const { body } = anthropicTranslator.translateRequest({ model: 'claude', messages }, context);
        expect((body['messages'] as Turn[])[1]!.content).toEqual(content);
      }),
    );
  });

  it('any response gives the same result whole and streamed, including reasoning details', () => {
    fc.assert(
      fc.property(blocks, (content) => {
        const whole = anthropicTranslator.translateResponse(answer(content), context);
        const { chunks, ended } = streamed(anthropicTranslator, context, [Buffer.from(eventsOf(content))]);
        expect(ended).toBe(true);
        expect(readChunks(chunks)).toEqual(readCompletion(whole));
        expect(chunks.flatMap((chunk) => chunk.choices[0]?.delta.reasoning_details ?? [])).toEqual(
          whole.choices[0]!.message.reasoning_details ?? [],
        );
      }),
    );
  });

  function eventsOf(content: JsonObject[]): string {
    const events: JsonObject[] = [{ type: 'message_start', message: { id: 'msg_1', model: 'claude' } }];
    for (const [index, block] of content.entries()) {
      events.push({ type: 'content_block_start', index, content_block: emptied(block) });
      for (const delta of deltasOf(block)) events.push({ type: 'content_block_delta', index, delta });
      events.push({ type: 'content_block_stop', index });
    }
    events.push({ type: 'message_delta', delta: { stop_reason: 'tool_use' } }, { type: 'message_stop' });
    return events.map((event) => `event: ${event['type'] as string}\ndata: ${JSON.stringify(event)}\n\n`).join('');
  }

  function emptied(block: JsonObject): JsonObject {
    if (block['type'] === 'text') return { ...block, text: '' };
    if (block['type'] === 'tool_use') return { ...block, input: {} };
    return block['type'] === 'thinking' ? { type: 'thinking', thinking: '', signature: '' } : block;
  }

  function deltasOf(block: JsonObject): JsonObject[] {
    if (block['type'] === 'text') return halves(block['text']).map((half) => ({ type: 'text_delta', text: half }));
    if (block['type'] === 'tool_use') {
      const pieces = Object.keys(block['input'] as object).length > 0 ? halves(JSON.stringify(block['input'])) : [''];
      return pieces.map((half) => ({ type: 'input_json_delta', partial_json: half }));
    }
    if (block['type'] !== 'thinking') return [];
    const pieces = halves(block['thinking']).map((half) => ({ type: 'thinking_delta', thinking: half }));
    return [...pieces, { type: 'signature_delta', signature: block['signature'] }];
  }

  function halves(value: unknown): string[] {
    const whole = value as string;
    return [whole.slice(0, whole.length >> 1), whole.slice(whole.length >> 1)];
  }
});

function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
