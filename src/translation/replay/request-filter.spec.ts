/** Promise: a vendor receives its own replay data as it produced it, and none of another vendor. */
import { findProvider } from '../../providers/registry.js';
import type { ProviderAdapter } from '../../providers/contract/provider-adapter.js';
import type { AssistantMessage, ChatCompletion, ChatRequest, ReasoningDetail } from '../pivot/chat.js';
import { createMessagesFormat } from '../client-formats/messages.client-format.js';
import { createResponsesFormat } from '../client-formats/responses.client-format.js';
import { removeUnreadableReasoning } from './native-filter.js';
import { markCompletion } from './response-marks.js';
import { keepReadableReplay } from './request-filter.js';
import { CLAUDE_ORIGIN, getReplayOrigin, createReplayReader, type ReplayReader } from './origin.js';

const provider = (id: string): ProviderAdapter => findProvider(id)!;
/** Returns the reader of an origin: a provider's id, and on Bedrock a family of models after it. */
function readerOf(origin: string): ReplayReader {
  const [id, family] = origin.split('-');
  const model =
    family === 'claude' ? 'anthropic.claude-opus-4-6-v1' : family === 'nova' ? 'amazon.nova-2-lite-v1:0' : 'm';
  const reader = createReplayReader(provider(id!), model);
  expect(reader.origin).toBe(origin);
  return reader;
}
const CLAUDE: ReasoningDetail = {
  type: 'reasoning.text',
  text: 'Hm.',
  signature: 'sig',
  format: 'anthropic-claude-v1',
  index: 0,
};
const STRETCH: ReasoningDetail = {
  type: 'reasoning.encrypted',
  data: 'd',
  format: 'google-gemini-v1',
  id: 'text-0-5',
  index: 0,
};
const OPENROUTERS: ReasoningDetail = {
  type: 'reasoning.encrypted',
  data: 'd',
  format: 'google-gemini-v1',
  id: 'tool_0_ls',
  index: 0,
};
const EXTRA = { google: { thought_signature: 's' } };

function completion(detail: ReasoningDetail | null): ChatCompletion {
  const call = { id: 'c', type: 'function' as const, function: { name: 'ls', arguments: '{}' }, extra_content: EXTRA };
  const message = {
    role: 'assistant' as const,
    content: null,
    refusal: null,
    tool_calls: [call],
    reasoning_content: 'Hm.',
    ...(detail && { reasoning_details: [{ ...detail }] }),
  };
  return {
    id: 'x',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, message, finish_reason: 'tool_calls', logprobs: null }],
  };
}

/** The assistant's message as the client of each format sends it back, for the vendor of `target`. */
const CLIENTS: Record<string, (answer: ChatCompletion, origin: string, target: string) => ChatRequest> = {
  chat: (answer) => ({ model: 'm', messages: [structuredClone(answer.choices[0]!.message)] }),
  messages: (answer, origin, target) => {
    const ask = {
      model: 'm',
      max_tokens: 9,
      thinking: { type: 'adaptive' },
      messages: [{ role: 'user', content: 'x' }],
    };
    const { content } = JSON.parse(
      createMessagesFormat(ask, { id: 'msg_1', created: 1, origin }).renderResponse(answer),
    );
    const again = { ...ask, messages: [...ask.messages, { role: 'assistant', content }] };
    return createMessagesFormat(again, { id: 'msg_2', created: 1, origin: target }).chat;
  },
  responses: (answer, origin, target) => {
    const ask = { model: 'm', input: 'x' };
    const { output } = JSON.parse(
      createResponsesFormat(ask, { id: 'resp_1', created: 1, origin }).renderResponse(answer),
    );
    return createResponsesFormat({ ...ask, input: output }, { id: 'resp_2', created: 1, origin: target }).chat;
  },
};

function sentBack(client: string, detail: ReasoningDetail | null, origin: string, target: string) {
  const chat = CLIENTS[client]!(markCompletion(completion(detail), origin), origin, target);
  const dropped = new Set<string>();
  keepReadableReplay(chat, readerOf(target), dropped, client === 'messages' ? CLAUDE_ORIGIN : null);
  const message = chat.messages.findLast(({ role }) => role === 'assistant') as AssistantMessage;
  return { message, dropped: [...dropped], wire: JSON.stringify(message) };
}

describe.each(Object.keys(CLIENTS))('replay data through a client of %s', (client) => {
  it.each([
    ['gemini', STRETCH],
    ['vertex', STRETCH],
    ['anthropic', CLAUDE],
    ['openrouter', OPENROUTERS],
  ])(`through a ${client} client, %s gets its own replay data back unchanged`, (origin, detail) => {
    const { message, wire } = sentBack(client, detail, origin, origin);
    const [own] = message.reasoning_details!;
    const { index: _at, ...wanted } = detail;
    expect(own).toMatchObject(wanted);
    expect(message.tool_calls![0]!.extra_content).toEqual(EXTRA);
    expect(wire).not.toContain('gatehouse');
  });

  it.each([
    ['gemini', STRETCH, 'vertex'],
    ['gemini', STRETCH, 'anthropic'],
    ['vertex', STRETCH, 'gemini'],
    ['anthropic', CLAUDE, 'openrouter'],
    ['anthropic', CLAUDE, 'bedrock-claude'],
    ['openrouter', CLAUDE, 'gemini'],
    ['bedrock-claude', { ...CLAUDE, format: 'bedrock-converse-v1' }, 'bedrock-nova'],
  ])(`through a ${client} client, replay data of %s (%j) does not reach %s`, (origin, detail, target) => {
    const { message, wire, dropped } = sentBack(client, detail, origin, target);
    expect(message.reasoning_details).toBeUndefined();
    expect(message.reasoning_content).toBeUndefined();
    expect(message.tool_calls![0]).not.toHaveProperty('extra_content');
    expect(wire).not.toMatch(/gatehouse|"sig"|"d"/);
    expect(dropped).toContain('messages[].reasoning_details');
  });
});

it.each(['messages', 'responses'])('reasoning without a signature returns only to its vendor, through %s', (client) => {
  expect(sentBack(client, null, 'deepseek', 'deepseek').message.reasoning_content).toBe('Hm.');
  expect(sentBack(client, null, 'groq', 'deepseek').message.reasoning_content).toBeUndefined();
});

it('replay data without an origin mark is filtered by its format', () => {
  const own = (detail: ReasoningDetail, origin: string) => {
    const message: AssistantMessage = { role: 'assistant', content: 'a', reasoning_details: [detail] };
    keepReadableReplay({ model: 'm', messages: [message] }, readerOf(origin), new Set());
    return message.reasoning_details !== undefined;
  };
  expect(['anthropic', 'openrouter', 'gemini', 'openai'].map((origin) => own(CLAUDE, origin))).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect(['gemini', 'vertex', 'openrouter', 'anthropic'].map((origin) => own(STRETCH, origin))).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect(['gemini', 'openrouter'].map((origin) => own(OPENROUTERS, origin))).toEqual([false, true]);
});

it('replay data is shared by Claude on Anthropic and Vertex but not across other vendors', () => {
  const origin = (id: string, model: string) => getReplayOrigin(provider(id), model);
  expect(origin('anthropic', 'claude-opus-4-6')).toBe(origin('vertex', 'claude-opus-4-6'));
  expect(origin('gemini', 'gemini-3-pro')).not.toBe(origin('vertex', 'gemini-3-pro'));
  expect(origin('bedrock', 'us.amazon.nova-2-lite-v1:0')).not.toBe(
    origin('bedrock', 'us.anthropic.claude-opus-4-6-v1'),
  );
});

describe('a request that passes as bytes', () => {
  const passed = (kind: 'chat' | 'responses', body: object, id: string) => {
    const bytes = Buffer.from(JSON.stringify(body));
    const { body: made, dropped } = removeUnreadableReasoning(kind, bytes, provider(id));
    return { isSame: made === bytes, body: JSON.parse(made.toString()), dropped };
  };
  const chat = {
    messages: [
      {
        role: 'assistant',
        content: 'a',
        reasoning_details: [OPENROUTERS, STRETCH],
        tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' }, extra_content: EXTRA }],
      },
    ],
  };

  it('a Chat request keeps only replay data that the vendor knows', () => {
    const [message] = passed('chat', chat, 'openrouter').body.messages;
    expect(message.reasoning_details).toEqual([OPENROUTERS]);
    expect(message.tool_calls[0]).not.toHaveProperty('extra_content');
    const { body, dropped } = passed('chat', chat, 'groq');
    expect(JSON.stringify(body)).not.toMatch(/reasoning_details|extra_content/);
    expect(dropped).toEqual(['messages[].reasoning_details', 'messages[].tool_calls[].extra_content']);
  });

  it('a Chat request to a self-hosted server keeps all replay data', () => {
    expect(passed('chat', chat, 'vllm').isSame).toBe(true);
  });

  it('a Responses request keeps only reasoning that the vendor can decrypt', () => {
    const item = (encrypted_content: string | null) => ({
      type: 'reasoning',
      id: 'rs_1',
      summary: [],
      encrypted_content,
    });
    const [openAis, xAis, none] = [item('gAAAAABqchYqlw1tH_IUQkDi=='), item('WjtnRFdCMihgUoZ7mSMscKCe'), item(null)];
    const kept = (id: string) => passed('responses', { input: [openAis, xAis, none] }, id).body.input;
    expect(kept('openai')).toEqual([openAis, none]);
    expect(kept('azure')).toEqual([openAis, none]);
    expect(kept('xai')).toEqual([xAis, none]);
    expect(kept('openrouter')).toEqual([openAis, xAis, none]);
    expect(passed('responses', { input: [openAis, none] }, 'openai').isSame).toBe(true);
  });
});
