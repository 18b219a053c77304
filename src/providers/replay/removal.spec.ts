/** Promise: nothing of the gateway's own replay data reaches a vendor, and no other byte of the body changes. */
import { removeReplay } from './removal.js';

const WRAPPED = 'gatehouse.1.eyJkZXRhaWwiOnt9fQ';
const ITEM = 'gatehouse.v1.eyJkZXRhaWxzIjpbXX0=';

function cleaned(body: object | string, origin = 'anthropic'): { text: string; dropped: readonly string[] } {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const { body: made, dropped } = removeReplay(Buffer.from(text), origin);
  return { text: made.toString(), dropped };
}

const json = (body: object, origin?: string): unknown => JSON.parse(cleaned(body, origin).text);

const CALL = { type: 'tool_use', id: 't', name: 'ls', input: { n: 1 } };
const RESULT = { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: 'a.txt' }] };
const THOUGHT = { type: 'thinking', thinking: 'Hm.', signature: WRAPPED };
const HIDDEN = { type: 'redacted_thinking', data: WRAPPED };
const NATIVE = { type: 'thinking', thinking: 'Hm.', signature: 'EqoBCkYIARgC' };

it('a body without replay data is returned as the same buffer', () => {
  for (const text of ['{"a":"gatehouse.example.com"}', '{"messages":[{"content":[{"type":"thinking"}]}]}', '']) {
    const body = Buffer.from(text);
    expect(removeReplay(body, 'anthropic')).toEqual({ body, dropped: [] });
    expect(removeReplay(body, 'anthropic').body).toBe(body);
  }
});

it('wrapped thinking blocks are removed from Messages without changing another byte', () => {
  const text = `{"model": "m","messages":[ {"role":"user","content":"List"},{"role":"assistant","content":[${JSON.stringify(THOUGHT)}, ${JSON.stringify(HIDDEN)} ,{"type":"tool_use","id":"t","name":"ls","input":{"n":12345678901234567890, "x":1.0}}]}],"max_tokens":1e3}`;
  expect(cleaned(text)).toEqual({
    text: '{"model": "m","messages":[ {"role":"user","content":"List"},{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"ls","input":{"n":12345678901234567890, "x":1.0}}]}],"max_tokens":1e3}',
    dropped: ['content[].thinking', 'content[].redacted_thinking'],
  });
});

it('thinking that Anthropic signed itself stays', () => {
  const body = { messages: [{ role: 'assistant', content: [NATIVE, HIDDEN, CALL] }] };
  expect(json(body)).toEqual({ messages: [{ role: 'assistant', content: [NATIVE, CALL] }] });
});

it('a message of removed blocks only is removed', () => {
  const body = {
    messages: [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: [THOUGHT] },
      { role: 'user', content: 'b' },
    ],
  };
  expect(json(body)).toEqual({
    messages: [
      { role: 'user', content: 'a' },
      { role: 'user', content: 'b' },
    ],
  });
});

it('quoted replay data in texts, tool arguments and schemas stays', () => {
  const quoted = { type: 'thinking', signature: WRAPPED };
  const body = {
    system: WRAPPED,
    messages: [
      { role: 'user', content: [{ type: 'text', text: WRAPPED }] },
      { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'n', input: { blocks: [quoted] } }] },
    ],
    tools: [{ name: 'n', input_schema: { examples: [quoted] } }],
  };
  expect(cleaned(body)).toEqual({ text: JSON.stringify(body), dropped: [] });
});

describe('thinking with a budget', () => {
  const ask = { thinking: { type: 'enabled', budget_tokens: 2000 } };

  it('thinking is turned off when a pending call lost its thinking block', () => {
    const messages = [{ role: 'user', content: 'List' }, { role: 'assistant', content: [THOUGHT, CALL] }, RESULT];
    const edits = [{ type: 'clear_thinking_20251015' }, { type: 'clear_tool_uses_20250919' }];
    const body = { ...ask, messages, context_management: { edits } };
    expect(json(body)).toEqual({
      messages: [messages[0], { role: 'assistant', content: [CALL] }, RESULT],
      context_management: { edits: [edits[1]] },
    });
    expect(cleaned(body).dropped).toContain('thinking');
  });

  it('thinking is turned off when a begun response lost its thinking block', () => {
    const messages = [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: [THOUGHT, { type: 'text', text: 'b' }] },
    ];
    expect(json({ ...ask, messages })).not.toHaveProperty('thinking');
  });

  it.each([
    [
      'the last turn has its own',
      [{ role: 'assistant', content: [THOUGHT, CALL] }, RESULT, { role: 'assistant', content: [NATIVE, CALL] }, RESULT],
    ],
    [
      'the calls are of an earlier turn',
      [
        { role: 'assistant', content: [THOUGHT, CALL] },
        RESULT,
        { role: 'assistant', content: 'One file.' },
        { role: 'user', content: 'x' },
      ],
    ],
  ])('thinking stays on where %s', (_why, messages) => {
    expect(json({ ...ask, messages })).toMatchObject(ask);
  });

  it('adaptive thinking stays on despite removed blocks', () => {
    const body = {
      thinking: { type: 'adaptive' },
      messages: [{ role: 'assistant', content: [THOUGHT, CALL] }, RESULT],
    };
    expect(json(body)).toHaveProperty('thinking');
  });
});

it('wrapped reasoning items are removed from Responses', () => {
  const message = { type: 'message', role: 'user', content: [{ type: 'input_text', text: ITEM }] };
  const items = [
    { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: ITEM },
    { type: 'reasoning', id: 'rs_2', summary: [], encrypted_content: 'gAAAAABx' },
  ];
  expect(cleaned({ input: [message, ...items] }, 'openai')).toEqual({
    text: JSON.stringify({ input: [message, items[1]] }),
    dropped: ['input.reasoning'],
  });
});

describe('Chat requests', () => {
  const details = (origin: string) => [
    { type: 'reasoning.text', text: 'Hm.', signature: 's', format: 'f', id: `gatehouse.from.${origin}`, index: 0 },
    { type: 'reasoning.encrypted', data: 'd', format: 'f', id: `gatehouse.from.${origin}.rs_1` },
  ];
  const call = (origin: string) => ({
    id: 'c',
    type: 'function',
    function: { name: 'f', arguments: '{}' },
    extra_content: { google: { thought_signature: 's' }, gatehouse: `gatehouse.from.${origin}` },
  });
  const message = (origin: string) => ({
    role: 'assistant',
    reasoning_details: details(origin),
    content: 'a',
    tool_calls: [call(origin)],
  });

  it('a Chat request loses replay data of other origins', () => {
    const { text, dropped } = cleaned({ messages: [message('gemini')] }, 'openrouter');
    const { extra_content: _extra, ...rest } = call('gemini');
    expect(JSON.parse(text)).toEqual({ messages: [{ role: 'assistant', content: 'a', tool_calls: [rest] }] });
    expect(dropped).toEqual(['messages[].reasoning_details', 'messages[].tool_calls[].extra_content']);
  });

  it('a Chat request keeps replay data of its own origin without the mark', () => {
    const { id: _id, ...first } = details('openrouter')[0]!;
    const own = { ...call('openrouter'), extra_content: { google: { thought_signature: 's' } } };
    expect(json({ messages: [message('openrouter')] }, 'openrouter')).toEqual({
      messages: [
        {
          role: 'assistant',
          reasoning_details: [first, { ...details('')[1], id: 'rs_1' }],
          content: 'a',
          tool_calls: [own],
        },
      ],
    });
  });
});

it('replay data is removed from batch requests', () => {
  const params = { messages: [{ role: 'assistant', content: [HIDDEN, { type: 'text', text: 'a' }] }] };
  expect(cleaned({ requests: [{ custom_id: '1', params }] }).text).not.toContain('gatehouse');
});

it('a body that is not an object stays, and a faulty object is refused with invalid_body', () => {
  expect(cleaned(`[${JSON.stringify(HIDDEN)}]`).dropped).toEqual([]);
  expect(() => cleaned(`{"a":"${WRAPPED}"`)).toThrow(expect.objectContaining({ code: 'invalid_body' }));
  const long = `{"messages":[{"role":"assistant","content":[{"type":"\\x","data":"${WRAPPED}"}]}],"x":"${'y'.repeat(20_000)}"}`;
  expect(() => cleaned(long)).toThrow(expect.objectContaining({ code: 'invalid_body' }));
});
