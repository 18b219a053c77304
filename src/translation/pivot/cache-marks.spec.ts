/** Cache marks (`cache_control`) from clients of Messages and of Chat to each vendor that has a prompt cache. */
import { findProvider } from '../../providers/registry.js';
import { createChatFormat } from '../client-formats/chat.client-format.js';
import type { JsonObject } from './chat.js';
import { createMessagesFormat } from '../client-formats/messages.client-format.js';
import type { VendorRequest } from './translator.js';
import { getTranslator } from '../provider-formats/registry.js';

const MARK = { type: 'ephemeral' };
const HOUR = { type: 'ephemeral', ttl: '1h' };
const SCHEMA = { type: 'object', properties: {} };

const MESSAGES: JsonObject = {
  model: 'm',
  max_tokens: 9,
  system: [{ type: 'text', text: 'Long.', cache_control: HOUR }],
  tools: [{ name: 'ls', input_schema: SCHEMA, cache_control: HOUR }],
  messages: [
    { role: 'user', content: [{ type: 'text', text: 'Hi', cache_control: MARK }] },
    { role: 'assistant', content: [{ type: 'tool_use', id: 'call_1', name: 'ls', input: {} }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call_1', content: 'a.txt', cache_control: MARK }] },
  ],
};
const part = (text: string, mark: object): object => ({ type: 'text', text, cache_control: mark });
const CHAT: JsonObject = {
  model: 'm',
  max_tokens: 9,
  tools: [{ type: 'function', function: { name: 'ls', parameters: SCHEMA }, cache_control: HOUR }],
  messages: [
    { role: 'system', content: [part('Long.', HOUR)] },
    { role: 'user', content: [part('Hi', MARK)] },
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'ls', arguments: '{}' } }],
    },
    { role: 'tool', tool_call_id: 'call_1', content: 'a.txt', cache_control: MARK },
  ],
};

const FRONTS = {
  Messages: (body: JsonObject = MESSAGES) => createMessagesFormat(structuredClone(body), { id: 'msg_1', created: 1 }),
  Chat: (body: JsonObject = CHAT) => createChatFormat(structuredClone(body)),
};

function translated(
  front: { chat: ReturnType<typeof createChatFormat>['chat'] },
  provider: string,
  model: string,
): VendorRequest {
  return getTranslator(findProvider(provider)!).translateRequest(front.chat, {
    model,
    id: 'c',
    created: 1,
    streaming: false,
  });
}

describe.each(['Messages', 'Chat'] as const)('cache marks of a %s client', (client) => {
  const front = FRONTS[client];

  it(`cache marks of a ${client} client reach OpenRouter on text parts and tools`, () => {
    const { body, dropped } = translated(front(), 'openrouter', 'anthropic/claude-sonnet-4.5');
    const messages = body['messages'] as JsonObject[];
    expect(messages.map(({ content }) => content)).toEqual([
      [part('Long.', HOUR)],
      [part('Hi', MARK)],
      null,
      [part('a.txt', MARK)],
    ]);
    expect(messages[3]).not.toHaveProperty('cache_control');
    expect(body['tools']).toMatchObject([{ cache_control: HOUR }]);
    expect(dropped).toEqual([]);
  });

  it(`cache marks of a ${client} client reach Anthropic in their positions`, () => {
    const { body, dropped } = translated(front(), 'anthropic', 'claude-sonnet-4-5');
    expect(body).toMatchObject({
      system: [{ text: 'Long.', cache_control: HOUR }],
      tools: [{ cache_control: HOUR }],
      messages: [{ content: [{ text: 'Hi', cache_control: MARK }] }, {}, { content: [{ cache_control: MARK }] }],
    });
    expect(dropped).toEqual([]);
  });

  it(`cache marks of a ${client} client become cache points for Claude on Bedrock`, () => {
    const { body, dropped } = translated(front(), 'bedrock', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0');
    const hour = { cachePoint: { type: 'default', ttl: '1h' } };
    const point = { cachePoint: { type: 'default' } };
    expect(body['system']).toEqual([{ text: 'Long.' }, hour]);
    expect((body['toolConfig'] as JsonObject)['tools']).toMatchObject([{ toolSpec: { name: 'ls' } }, hour]);
    const [asked, , result] = body['messages'] as JsonObject[];
    expect(asked!['content']).toEqual([{ text: 'Hi' }, point]);
    expect(result!['content']).toEqual([
      { toolResult: { toolUseId: expect.any(String), content: [{ text: 'a.txt' }] } },
      point,
    ]);
    expect(dropped).toEqual([]);
  });

  it.each([
    ['us.amazon.nova-pro-v1:0', 3, ['messages[].content[].cache_control.ttl', 'tools[].cache_control']],
    [
      'us.anthropic.claude-3-7-sonnet-20250219-v1:0',
      4,
      ['messages[].content[].cache_control.ttl', 'tools[].cache_control.ttl'],
    ],
    [
      'anthropic.claude-3-haiku-20240307-v1:0',
      0,
      ['messages[].cache_control', 'messages[].content[].cache_control', 'tools[].cache_control'],
    ],
  ])(`cache marks of a ${client} client are reduced to those that %s takes`, (model, count, named) => {
    const { body, dropped } = translated(front(), 'bedrock', model);
    expect(JSON.stringify(body).split('"cachePoint"').length - 1).toBe(count);
    expect(JSON.stringify(body)).not.toContain('ttl');
    expect([...dropped].sort()).toEqual(named);
  });

  it(`cache marks of a ${client} client are dropped and named for a vendor without a cache`, () => {
    const { body, dropped } = translated(front(), 'mistral', 'mistral-large-latest');
    expect(JSON.stringify(body)).not.toContain('cache_control');
    expect((body['messages'] as JsonObject[]).map(({ content }) => content)).toEqual(['Long.', 'Hi', null, 'a.txt']);
    expect([...dropped].sort()).toEqual([
      'messages[].cache_control',
      'messages[].content[].cache_control',
      'tools[].cache_control',
    ]);
  });
});

it('a Bedrock request has at most four cache points, the last ones', () => {
  const content = ['a', 'b', 'c', 'd'].map((text) => part(text, MARK));
  const asked = FRONTS.Chat({
    ...CHAT,
    messages: [
      { role: 'system', content: [part('s', MARK)] },
      { role: 'user', content },
    ],
  });
  const { body, dropped } = translated(asked, 'bedrock', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0');
  expect(JSON.stringify(body['messages']).split('cachePoint').length - 1).toBe(4);
  expect(JSON.stringify([body['system'], body['toolConfig']])).not.toContain('cachePoint');
  expect(dropped).toEqual(['cache_control']);
});

it('cache marks on calls reach Anthropic', () => {
  const call = { type: 'tool_use', id: 'call_1', name: 'ls', input: {}, cache_control: MARK };
  const messages = [
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: [call] },
  ];
  const { body } = translated(FRONTS.Messages({ ...MESSAGES, messages }), 'anthropic', 'claude-sonnet-4-5');
  expect(body['messages']).toMatchObject([{}, { content: [{ type: 'tool_use', cache_control: MARK }] }]);
});
