/**
 * Promise: a Chat request reaches each server in the form that this server accepts, and members that it does not accept
 * are named.
 */
import { JsonEdits } from '../../../../providers/json/edits.js';
import { ParsedObject } from '../../../../providers/json/editable-object.js';
import { findProvider } from '../../../../providers/registry.js';
import type { JsonObject } from '../../../pivot/chat.js';
import { adaptChat } from './chat-adaptation.js';

const HI = { messages: [{ role: 'user', content: 'Hi' }] };

/** Adapts the request once as text and once parsed: both must give the same result. */
function adapted(provider: string, request: JsonObject, model = 'm') {
  const { compatibility } = findProvider(provider)!;
  const edits = new JsonEdits(Buffer.from(JSON.stringify(request)));
  const dropped = [...adaptChat(edits.editObject(), compatibility!, model)];
  const text = edits.apply().toString();
  const parsed = structuredClone(request);
  expect([...adaptChat(new ParsedObject(parsed), compatibility!, model)]).toEqual(dropped);
  expect(JSON.parse(text)).toEqual(parsed);
  return { body: parsed, text, dropped };
}

describe('max_tokens and max_completion_tokens', () => {
  it.each([
    ['mistral', 'max_tokens'],
    ['deepseek', 'max_tokens'],
    ['perplexity', 'max_tokens'],
    ['together', 'max_tokens'],
    ['ollama', 'max_tokens'],
    ['zhipuai', 'max_tokens'],
    ['groq', 'max_completion_tokens'],
    ['cerebras', 'max_completion_tokens'],
    ['fireworks', 'max_completion_tokens'],
    ['xai', 'max_completion_tokens'],
    ['openrouter', 'max_completion_tokens'],
    ['vllm', 'max_completion_tokens'],
    ['minimax', 'max_completion_tokens'],
    ['openai', 'max_completion_tokens'],
    ['azure', 'max_completion_tokens'],
  ])('the server %s gets max_completion_tokens as %s', (provider, name) => {
    expect(adapted(provider, { ...HI, max_completion_tokens: 7 })).toMatchObject({
      body: { ...HI, [name]: 7 },
      dropped: [],
    });
  });

  it('max_completion_tokens wins over max_tokens where a server takes only one of them', () => {
    const both = { ...HI, max_tokens: 5, max_completion_tokens: 7 };
    expect(adapted('mistral', both).body).toEqual({ ...HI, max_tokens: 7 });
    expect(adapted('fireworks', both).body).toEqual({ ...HI, max_completion_tokens: 7 });
    expect(adapted('mistral', { ...HI, max_tokens: 5, max_completion_tokens: null }).body).toEqual({
      ...HI,
      max_tokens: 5,
    });
  });

  it.each(['gpt-5', 'o3-mini', 'gpt-5.6-terra'])('the model %s gets max_tokens as max_completion_tokens', (model) => {
    expect(adapted('openai', { ...HI, max_tokens: 5 }, model).body).toEqual({ ...HI, max_completion_tokens: 5 });
  });

  it('a model that takes max_tokens keeps that name', () => {
    expect(adapted('openai', { ...HI, max_tokens: 5 }, 'gpt-4.1').body).toEqual({ ...HI, max_tokens: 5 });
  });
});

describe('a strict server', () => {
  const OPENAI_ONLY = {
    store: true,
    safety_identifier: 's',
    verbosity: 'low',
    logit_bias: { 1: 1 },
    web_search_options: {},
    x_unknown: 1,
    modalities: ['text'],
  };

  it.each([
    ['mistral', ['user', 'store', 'safety_identifier', 'verbosity', 'logit_bias', 'x_unknown', 'modalities']],
    ['groq', ['safety_identifier', 'verbosity', 'logit_bias', 'x_unknown', 'modalities']],
    ['cerebras', ['store', 'safety_identifier', 'verbosity', 'x_unknown', 'modalities']],
    ['fireworks', ['store', 'safety_identifier', 'verbosity', 'x_unknown', 'modalities']],
  ])('the server %s gets no member that it does not know, and each is named', (provider, dropped) => {
    const made = adapted(provider, { ...HI, ...OPENAI_ONLY, user: 'u', temperature: 0.5 });
    expect([...made.dropped].sort()).toEqual([...dropped].sort());
    expect(made.body).toMatchObject({ ...HI, temperature: 0.5 });
    for (const name of dropped) expect(made.body).not.toHaveProperty(name);
  });

  it.each([
    ['mistral', { safe_prompt: true, prompt_mode: 'reasoning', random_seed: 4, guardrails: [], metadata: { a: 'b' } }],
    ['groq', { reasoning_format: 'parsed', include_reasoning: false, search_settings: {}, compound_custom: {} }],
    ['cerebras', { clear_thinking: false, min_tokens: 3, prediction: {} }],
    ['fireworks', { top_k: 4, context_length_exceeded_behavior: 'error', prompt_truncate_len: 9 }],
  ])('the server %s gets its own extensions', (provider, own) => {
    expect(adapted(provider, { ...HI, ...own })).toMatchObject({ body: { ...HI, ...own }, dropped: [] });
  });

  it('members without effect are left out for a strict server and not named', () => {
    const made = adapted('mistral', { ...HI, store: false, user: null, logit_bias: {}, modalities: [] });
    expect(made).toMatchObject({ body: HI, dropped: [] });
  });

  it('a strict server gets messages and tools without unknown members, which are named', () => {
    const made = adapted('groq', {
      messages: [
        { role: 'developer', content: 'Be brief.', name: 'dev' },
        { role: 'user', content: [{ type: 'text', text: 'Hi', cache_control: { type: 'ephemeral' } }], name: null },
        {
          role: 'assistant',
          content: null,
          refusal: null,
          annotations: [],
          reasoning_content: 'Hm.',
          tool_calls: [
            {
              id: 'c',
              type: 'function',
              index: 0,
              function: { name: 'f', arguments: '{}' },
              extra_content: { google: {} },
            },
          ],
        },
        { role: 'tool', tool_call_id: 'c', name: 'f', content: 'ok' },
      ],
      tools: [
        {
          type: 'function',
          function: { name: 'f', parameters: {}, strict: true, x: 1 },
          cache_control: { type: 'ephemeral' },
        },
        { type: 'browser_search' },
      ],
    });
    expect(made.body).toEqual({
      messages: [
        { role: 'developer', content: 'Be brief.' },
        { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: 'c', name: 'f', content: 'ok' },
      ],
      tools: [{ type: 'function', function: { name: 'f', parameters: {}, strict: true } }, { type: 'browser_search' }],
    });
    expect([...made.dropped].sort()).toEqual([
      'messages[].content[].cache_control',
      'messages[].name',
      'messages[].reasoning_content',
      'messages[].tool_calls[].extra_content',
      'messages[].tool_calls[].index',
      'tools[].cache_control',
      'tools[].function.x',
    ]);
  });

  it("a refusal becomes the assistant's content, and an unknown part stays", () => {
    const parts = [{ type: 'video_url', video_url: { url: 'https://x/y.webm' } }];
    const { body } = adapted('mistral', {
      messages: [
        { role: 'user', content: parts },
        { role: 'assistant', content: null, refusal: 'No.' },
      ],
    });
    expect(body['messages']).toEqual([
      { role: 'user', content: parts },
      { role: 'assistant', content: 'No.' },
    ]);
  });
});

describe('a lenient server', () => {
  it.each([
    [
      'vllm',
      { chat_template_kwargs: { enable_thinking: false }, top_k: 20, min_p: 0.1, guided_json: {}, x_unknown: 1 },
    ],
    [
      'openrouter',
      { provider: { order: ['a'] }, transforms: [], models: ['x/y'], top_k: 5, reasoning: { effort: 'low' } },
    ],
    ['ollama', { keep_alive: '5m', options: { num_ctx: 1 }, think: true }],
    ['together', { repetition_penalty: 1.1, safety_model: 's' }],
    ['deepseek', { thinking: { type: 'disabled' }, user_id: 'u' }],
    ['perplexity', { search_domain_filter: ['a.test'], web_search_options: {} }],
    ['zhipuai', { do_sample: false, request_id: 'r' }],
    ['minimax', { reasoning_split: true }],
    ['xai', { search_parameters: { mode: 'on' }, deferred: false }],
    ['openai', { x_unknown: 1, store: true }],
    ['azure', { data_sources: [] }],
  ])('the server %s gets a request with its own extensions byte for byte', (provider, own) => {
    const request = { ...HI, seed: 9, ...own };
    expect(adapted(provider, request)).toMatchObject({ text: JSON.stringify(request), dropped: [] });
  });
});

describe('the role developer', () => {
  const asked = { messages: [{ role: 'developer', content: 'Be brief.' }, ...HI.messages] };
  it.each([
    'mistral',
    'deepseek',
    'xai',
    'perplexity',
    'together',
    'fireworks',
    'ollama',
    'vllm',
    'zhipuai',
    'minimax',
  ])('the role developer becomes system for %s', (provider) => {
    const { body, dropped } = adapted(provider, asked);
    expect(body['messages']).toEqual([{ role: 'system', content: 'Be brief.' }, ...HI.messages]);
    expect(dropped).toEqual([]);
  });
  it.each(['openai', 'azure', 'openrouter', 'groq', 'cerebras'])('the role developer stays for %s', (provider) => {
    expect(adapted(provider, asked).body).toEqual(asked);
  });
});

describe('stream_options', () => {
  it.each(['mistral', 'perplexity'])('stream_options are left out for %s, which always reports usage', (provider) => {
    const { body, dropped } = adapted(provider, { ...HI, stream: true, stream_options: { include_usage: true } });
    expect(body).toEqual({ ...HI, stream: true });
    expect(dropped).toEqual([]);
    expect(adapted(provider, { ...HI, stream_options: { include_obfuscation: true } }).dropped).toEqual([
      'stream_options.include_obfuscation',
    ]);
  });
});

it('seed becomes random_seed for Mistral, unless random_seed is set', () => {
  expect(adapted('mistral', { ...HI, seed: 3 }).body).toEqual({ ...HI, random_seed: 3 });
  expect(adapted('mistral', { ...HI, seed: 3, random_seed: 4 }).body).toEqual({ ...HI, random_seed: 4 });
});

it.each([
  ['groq', 'default', []],
  ['groq', 'priority', ['service_tier']],
  ['cerebras', 'scale', ['service_tier']],
  ['mistral', 'auto', []],
  ['mistral', 'flex', ['service_tier']],
])('the server %s gets no service_tier %s, which it does not have', (provider, tier, dropped) => {
  const made = adapted(provider, { ...HI, service_tier: tier });
  expect(made).toMatchObject({ body: HI, dropped });
  expect(made.body).not.toHaveProperty('service_tier');
});

it('the server Groq gets a service_tier that it has', () => {
  expect(adapted('groq', { ...HI, service_tier: 'flex' }).body).toEqual({ ...HI, service_tier: 'flex' });
});

describe('reasoning in the history', () => {
  const call = { id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } };
  const turn = (more: object) => ({
    messages: [...HI.messages, { role: 'assistant', content: '', tool_calls: [call], ...more }],
  });
  const told = (request: JsonObject, model: string) =>
    (adapted('deepseek', request, model).body['messages'] as JsonObject[])[1]!['reasoning_content'];

  it.each<[string, JsonObject, string, string | undefined]>([
    ['reasoning_content', turn({ reasoning_content: 'Hm.' }), 'deepseek-reasoner', 'Hm.'],
    ['reasoning', turn({ reasoning: 'Hm.' }), 'deepseek-chat', 'Hm.'],
    ['no reasoning for a model that needs it', turn({}), 'deepseek-v4-pro', ''],
    ['no reasoning for a model that does not need it', turn({}), 'deepseek-chat', undefined],
    [
      'no reasoning while thinking is disabled',
      { ...turn({}), thinking: { type: 'disabled' } },
      'deepseek-v4-pro',
      undefined,
    ],
  ])('an assistant turn with %s reaches DeepSeek in its form', (_what, request, model, wanted) => {
    expect(told(request, model)).toBe(wanted);
  });
});

describe('response_format', () => {
  const schema = { type: 'object', properties: { a: { type: 'integer', maximum: 9 } } };
  const loose = { ...HI, response_format: { type: 'json_object', schema } };
  it.each(['openai', 'mistral', 'groq', 'openrouter', 'vllm', 'xai'])(
    'a schema beside json_object becomes a json_schema for %s',
    (provider) => {
      const { body, dropped } = adapted(provider, loose);
      expect(body['response_format']).toEqual({ type: 'json_schema', json_schema: { name: 'answer', schema } });
      expect(dropped).toEqual([]);
    },
  );
  it.each(['together', 'fireworks'])('a schema beside json_object stays for %s', (provider) => {
    expect(adapted(provider, loose)).toMatchObject({ body: loose, dropped: [] });
  });
  it.each(['deepseek', 'zhipuai'])('a schema in response_format is left out and named for %s', (provider) => {
    const plain = { ...HI, response_format: { type: 'json_object' } };
    expect(adapted(provider, loose)).toMatchObject({ body: plain, dropped: ['response_format.schema'] });
    const strict = { ...HI, response_format: { type: 'json_schema', json_schema: { name: 'x', schema } } };
    const made = adapted(provider, strict);
    expect(made.dropped).toEqual(['response_format.json_schema']);
    expect(made.body).toEqual(plain);
  });
});

it('adaptation keeps the digits of numbers that a double cannot hold', () => {
  const text =
    '{"messages":[{"role":"developer","content":"x"}],"seed":12345678901234567890,"max_completion_tokens":10,' +
    '"response_format":{"type":"json_object","schema":{"maximum":9007199254740993}},"user":"u"}';
  const edits = new JsonEdits(Buffer.from(text));
  adaptChat(edits.editObject(), findProvider('mistral')!.compatibility!, 'm');
  expect(edits.apply().toString()).toBe(
    '{"messages":[{"role":"system","content":"x"}],"random_seed":12345678901234567890,"max_tokens":10,' +
      '"response_format":{"type":"json_schema","json_schema":{"name":"answer","schema":{"maximum":9007199254740993}}}}',
  );
});
