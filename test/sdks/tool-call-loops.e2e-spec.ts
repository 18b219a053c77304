/**
 * Promise: an agent built with a vendor's SDK continues after a refused tool call, up to its model's final response.
 */
import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI, type Content } from '@google/genai';
import { generateText, jsonSchema, stepCountIs, streamText, tool, type LanguageModel } from 'ai';
import OpenAI from 'openai';
import { json } from '../support/providers/fake-provider.js';
import type { Json } from '../support/http/admin-client.js';
import { inTurn, torn } from '../support/providers/recorded-responses.js';
import { Scenario } from '../support/gateway/scenario.js';
import { TOOL_LANGUAGES, type Turn } from '../support/providers/tool-call-dialects.js';

const CALLS: Turn = { text: '', calls: [{ name: 'delete_file', args: '{"path":"secret-7"}' }] };
/** One call is refused, the other is executed. */
const MIXED: Turn = { text: '', calls: [...CALLS.calls, { name: 'read_file', args: '{"path":"notes"}' }] };
const DONE: Turn = { text: 'I left it.', calls: [] };

let scenario: Scenario;
let proxyId: string;

beforeAll(async () => {
  scenario = await Scenario.start('openai', 'anthropic', 'gemini');
  const rules = [
    { name: 'no-delete', tools: ['delete_*'], when: [{ pointer: '/path', exists: true }], action: 'block' },
  ];
  const policy = { guardrails: { toolCalls: { rules, onBlock: 'refuse' } } };
  proxyId = (await scenario.gateway.admin.create('/api/llm-proxies', { name: 'Loops', policy })).id;
});
beforeEach(() => scenario.forget());
afterAll(() => scenario.close());

/** The vendor calls the tool, and then responds. */
function vendorPlays(name: string, path: string | RegExp, isStream: boolean, calls = CALLS): void {
  const language = TOOL_LANGUAGES[name]!;
  const answer = (turn: Turn) =>
    isStream
      ? torn(language.stream(turn, 4), { 'content-type': language.contentType })
      : json(200, language.whole(turn));
  scenario.vendor.on('POST', path, inTurn(answer(calls), answer(DONE)));
}

const arrived = (): Json[] => scenario.vendor.received.map(({ body }) => JSON.parse(body.toString()));
const baseUrl = (provider: string): string => scenario.target(scenario.keys.virtual, { provider, proxyId }).baseUrl;

describe.each([false, true])('agent loops (streamed: %s)', (isStream) => {
  it.each(['openai', 'model-router'])(
    "a Chat Completions loop of OpenAI's SDK continues after a refused tool call on %s",
    async (provider) => {
      vendorPlays('Chat Completions', '/v1/chat/completions', isStream);
      const client = new OpenAI({ baseURL: baseUrl(provider), apiKey: scenario.keys.virtual });
      const model = provider === 'openai' ? 'gpt-5.4' : 'openai:gpt-5.4';
      const tools = [{ type: 'function' as const, function: { name: 'delete_file', parameters: { type: 'object' } } }];
      const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'Delete it.' }];
      for (let round = 0; round < 2; round++) {
        const { choices } = isStream
          ? await client.chat.completions.stream({ model, messages, tools }).finalChatCompletion()
          : await client.chat.completions.create({ model, messages, tools });
        expect(choices[0]!.message.tool_calls ?? []).toEqual([]);
        expect(choices[0]!.finish_reason).toBe('stop');
        messages.push(choices[0]!.message, { role: 'user', content: 'Then go on.' });
      }
      expect(JSON.stringify(arrived()[1])).toContain('The gateway removed a call');
      expect(messages.at(-2)!.content).toBe('I left it.');
    },
  );

  it.each(['openai', 'model-router'])(
    "a Responses loop of OpenAI's SDK continues after a refused tool call on %s",
    async (provider) => {
      vendorPlays('Responses', '/v1/responses', isStream);
      const client = new OpenAI({ baseURL: baseUrl(provider), apiKey: scenario.keys.virtual });
      const model = provider === 'openai' ? 'gpt-5.4' : 'openai:gpt-5.4';
      const input: OpenAI.Responses.ResponseInputItem[] = [{ role: 'user', content: 'Delete it.' }];
      let text = '';
      for (let round = 0; round < 2; round++) {
        const response = isStream
          ? await client.responses.stream({ model, input, store: false }).finalResponse()
          : await client.responses.create({ model, input, store: false });
        expect(response.output.map(({ type }) => type)).toEqual(['message']);
        text = response.output_text;
        input.push(...(response.output as OpenAI.Responses.ResponseOutputMessage[]), {
          role: 'user',
          content: 'Go on.',
        });
      }
      expect(JSON.stringify(arrived()[1])).toContain('The gateway removed a call');
      expect(text).toBe('I left it.');
    },
  );

  it.each(['anthropic', 'model-router'])(
    "a loop of Anthropic's SDK continues after a refused tool call on %s",
    async (provider) => {
      vendorPlays('Messages', '/v1/messages', isStream);
      const client = new Anthropic({ baseURL: baseUrl(provider), apiKey: scenario.keys.virtual });
      const model = provider === 'anthropic' ? 'claude-sonnet-5' : 'anthropic:claude-sonnet-5';
      const tools = [{ name: 'delete_file', input_schema: { type: 'object' as const } }];
      const messages: Anthropic.MessageParam[] = [{ role: 'user', content: 'Delete it.' }];
      let last: Anthropic.Message | null = null;
      for (let round = 0; round < 2; round++) {
        const body = { model, max_tokens: 99, messages, tools };
        last = isStream ? await client.messages.stream(body).finalMessage() : await client.messages.create(body);
        expect(last.stop_reason).toBe('end_turn');
        messages.push({ role: 'assistant', content: last.content }, { role: 'user', content: 'Then go on.' });
      }
      expect(JSON.stringify(arrived()[1])).toContain('The gateway removed a call');
      expect(last!.content).toMatchObject([{ type: 'text', text: 'I left it.' }]);
    },
  );

  const AGENTS: [string, string, string, string, (baseURL: string, model: string) => LanguageModel][] = [
    ['Chat Completions', '/v1/chat/completions', 'openai', 'gpt-5.4', (baseURL, model) => sdk(baseURL).chat(model)],
    ['Responses', '/v1/responses', 'openai', 'gpt-5.4', (baseURL, model) => sdk(baseURL).responses(model)],
    [
      'Messages',
      '/v1/messages',
      'anthropic',
      'claude-sonnet-5',
      (baseURL, model) =>
        createAnthropic({ baseURL: `${baseURL.replace(/\/v1$/, '')}/v1`, apiKey: scenario.keys.virtual })(model),
    ],
  ];
  const sdk = (baseURL: string) => createOpenAI({ baseURL, apiKey: scenario.keys.virtual });
  it.each(AGENTS.flatMap((agent) => [agent[2], 'model-router'].map((route) => [...agent, route] as const)))(
    'a %s loop of the AI SDK runs the remaining tool calls (%s %s %s)',
    async (name, path, vendor, plain, modelOf, route) => {
      vendorPlays(name, path, isStream, MIXED);
      const made: string[] = [];
      const inputSchema = jsonSchema<{ path: string }>({ type: 'object', properties: { path: { type: 'string' } } });
      const tools = {
        delete_file: tool({ inputSchema, execute: () => Promise.resolve(made.push('delete_file')) }),
        read_file: tool({ inputSchema, execute: () => Promise.resolve(`${made.push('read_file')} note`) }),
      };
      const model = modelOf(baseUrl(route), route === 'model-router' ? `${vendor}:${plain}` : plain);
      const ask = { model, prompt: 'Tidy up.', tools, stopWhen: stepCountIs(4), maxRetries: 0 };
      const { text, steps } = isStream ? await streamed(streamText(ask)) : await generateText(ask);
      expect([text, steps.length, made]).toEqual(['I left it.', 2, ['read_file']]);
      expect(steps[0]!.text).toContain('The gateway removed a call');
      const sent = JSON.stringify(arrived()[1]);
      // The AI SDK refers to some items of Responses by id, as the vendor stores them.
      expect(sent).toMatch(/The gateway removed a (tool )?call/);
      expect(sent).not.toContain('msg_refused_');
      expect(sent).toContain('1 note');
      expect(sent).not.toContain('secret-7');
    },
  );
  const streamed = async (result: { text: PromiseLike<string>; steps: PromiseLike<{ text: string }[]> }) => ({
    text: await result.text,
    steps: await result.steps,
  });

  it("a loop of Google's SDK continues after a refused tool call", async () => {
    vendorPlays('Gemini', /enerateContent/, isStream);
    const client = new GoogleGenAI({ apiKey: scenario.keys.virtual, httpOptions: { baseUrl: baseUrl('gemini') } });
    const contents: Content[] = [{ role: 'user', parts: [{ text: 'Delete it.' }] }];
    let text = '';
    for (let round = 0; round < 2; round++) {
      const parts: Content['parts'] = [];
      const body = { model: 'gemini-2.5-flash', contents };
      if (isStream) {
        for await (const part of await client.models.generateContentStream(body))
          parts.push(...(part.candidates?.[0]?.content?.parts ?? []));
      } else parts.push(...((await client.models.generateContent(body)).candidates?.[0]?.content?.parts ?? []));
      expect(parts.filter(({ functionCall }) => functionCall)).toEqual([]);
      text = parts.map((part) => part.text ?? '').join('');
      contents.push({ role: 'model', parts }, { role: 'user', parts: [{ text: 'Then go on.' }] });
    }
    expect(JSON.stringify(arrived()[1])).toContain('The gateway removed a call');
    expect(text).toBe('I left it.');
  });
});
