/**
 * Numbers in arguments of tool calls and in schemas keep their digits: for every client's format and every vendor's, in
 * both directions.
 */
import { encodeFrame } from '../providers/wire/event-stream.js';
import { writeJson } from '../providers/json/exact.js';
import { findProvider } from '../providers/registry.js';
import { readRoutedBody } from './pivot/routed-body.js';
import { PivotResponse } from './pivot-response.js';
import { createClientFormat, type ClientFormatId } from './client-formats/registry.js';
import type { TranslationContext } from './pivot/translator.js';
import { getTranslator } from './provider-formats/registry.js';

const ARGS =
  '{"order": 9007199254740993, "price": 1.0, "limit": 1e400, "deep": [{"id": -123456789012345678901}], "note": "1.0 \\u00e9 \\"id\\": 1.0"}';
const NUMBERS = ['9007199254740993', '1.0', '1e400', '-123456789012345678901'];
const LARGEST = '9223372036854775807';
const SCHEMA = `{"type":"object","properties":{"order":{"type":"integer","minimum":-9223372036854775808,"maximum":${LARGEST}},"input":{"type":"object"}},"required":["order"]}`;

const CLIENTS: Record<ClientFormatId, (model: string) => string> = {
  chat: (model) =>
    `{"model":"${model}","messages":[{"role":"user","content":"x"},{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"find","arguments":${JSON.stringify(ARGS)}}}]},{"role":"tool","tool_call_id":"call_1","content":"{\\"n\\": 1.0}"}],"tools":[{"type":"function","function":{"name":"find","parameters":${SCHEMA}}}]}`,
  responses: (model) =>
    `{"model":"${model}","input":[{"role":"user","content":"x"},{"type":"function_call","call_id":"call_1","name":"find","arguments":${JSON.stringify(ARGS)}},{"type":"function_call_output","call_id":"call_1","output":"{\\"n\\": 1.0}"}],"tools":[{"type":"function","name":"find","parameters":${SCHEMA},"strict":false}]}`,
  messages: (model) =>
    `{"model":"${model}","max_tokens":9,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"call_1","name":"find","input":${ARGS}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"call_1","content":"{\\"n\\": 1.0}"}]}],"tools":[{"name":"find","input_schema":${SCHEMA}}]}`,
};
const KINDS = Object.keys(CLIENTS) as ClientFormatId[];

const sse = (...events: string[]): Buffer => Buffer.from(events.map((event) => `data: ${event}\n\n`).join(''));
const quoted = JSON.stringify(ARGS);
const converse = (name: string, payload: string): Buffer => encodeFrame('event', name, JSON.parse(payload));

/** Responses of each vendor: a call with these arguments, whole and streamed. */
const VENDORS: Record<string, { model: string; whole: string; stream: Buffer }> = {
  anthropic: {
    model: 'claude-sonnet-4-5',
    whole: `{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"tool_use","id":"toolu_1","name":"find","input":${ARGS}}],"stop_reason":"tool_use","usage":{"input_tokens":1,"output_tokens":1}}`,
    stream: sse(
      '{"type":"message_start","message":{"id":"msg_1","model":"m","usage":{"input_tokens":1,"output_tokens":1}}}',
      // Anthropic's own block begins empty; compatible servers send the whole input in it
      `{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"toolu_1","name":"find","input":${ARGS}}}`,
      '{"type":"content_block_stop","index":0}',
      '{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":2}}',
      '{"type":"message_stop"}',
    ),
  },
  gemini: {
    model: 'gemini-2.5-flash',
    whole: `{"candidates":[{"content":{"parts":[{"functionCall":{"name":"find","args":${ARGS}}}]},"finishReason":"STOP"}]}`,
    stream: sse(
      `{"candidates":[{"content":{"parts":[{"functionCall":{"name":"find","args":${ARGS}}}]},"finishReason":"STOP"}]}`,
    ),
  },
  bedrock: {
    model: 'us.amazon.nova-pro-v1:0',
    whole: `{"output":{"message":{"role":"assistant","content":[{"toolUse":{"toolUseId":"t1","name":"find","input":${ARGS}}}]}},"stopReason":"tool_use","usage":{"inputTokens":1,"outputTokens":1,"totalTokens":2}}`,
    stream: Buffer.concat([
      converse('messageStart', '{"role":"assistant"}'),
      converse('contentBlockStart', '{"contentBlockIndex":0,"start":{"toolUse":{"toolUseId":"t1","name":"find"}}}'),
      converse('contentBlockDelta', `{"contentBlockIndex":0,"delta":{"toolUse":{"input":${quoted}}}}`),
      converse('contentBlockStop', '{"contentBlockIndex":0}'),
      converse('messageStop', '{"stopReason":"tool_use"}'),
    ]),
  },
  cohere: {
    model: 'command-a-03-2025',
    whole: `{"id":"c1","message":{"role":"assistant","tool_calls":[{"id":"f1","type":"function","function":{"name":"find","arguments":${quoted}}}]},"finish_reason":"TOOL_CALL"}`,
    stream: sse(
      '{"type":"message-start","id":"c1","delta":{"message":{"role":"assistant"}}}',
      `{"type":"tool-call-start","index":0,"delta":{"message":{"tool_calls":{"id":"f1","type":"function","function":{"name":"find","arguments":""}}}}}`,
      `{"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":${quoted}}}}}}`,
      '{"type":"tool-call-end","index":0}',
      '{"type":"message-end","delta":{"finish_reason":"TOOL_CALL"}}',
    ),
  },
  mistral: {
    model: 'mistral-small-latest',
    whole: `{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"f1","type":"function","function":{"name":"find","arguments":${quoted}}}]},"finish_reason":"tool_calls"}]}`,
    stream: sse(
      `{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"f1","type":"function","function":{"name":"find","arguments":${quoted}}}]},"finish_reason":"tool_calls"}]}`,
      '[DONE]',
    ),
  },
};
const PROVIDERS = Object.keys(VENDORS);
const pairs = PROVIDERS.flatMap((provider) => KINDS.map((kind) => [provider, kind] as const));

function translate(provider: string, kind: ClientFormatId, streaming: boolean) {
  const { model } = VENDORS[provider]!;
  const translator = getTranslator(findProvider(provider)!);
  const front = createClientFormat(kind, readRoutedBody(Buffer.from(CLIENTS[kind](`${provider}:${model}`))), 'r-1', 1);
  const context: TranslationContext = { model, id: 'chatcmpl-1', created: 1, streaming };
  const request = translator.translateRequest(front.chat, context);
  return { sent: writeJson(request.body), answer: new PivotResponse(translator, front, context, 'r-1', []) };
}

/** Whether the text contains the arguments, as a string in another JSON text or as members of it. */
const spellings = (text: string): boolean => {
  const within = text.replaceAll('\\"', '"').replaceAll('\\\\', '\\');
  return NUMBERS.every((number) => within.includes(number));
};

describe.each(pairs)('large numbers in tool arguments, %s behind %s', (provider, kind) => {
  it(`large numbers of a ${kind} client reach ${provider} as spelled`, () => {
    const { sent } = translate(provider, kind, false);
    expect(() => JSON.parse(sent) as unknown).not.toThrow();
    expect(spellings(sent)).toBe(true);
    expect(sent).toContain('9223372036854775807');
    expect(sent).toContain('-9223372036854775808');
    expect(sent).not.toContain('raw-json-');
    expect(sent).toContain('{\\"n\\": 1.0}');
  });

  it(`large numbers of ${provider} reach a ${kind} client as spelled`, () => {
    const answer = translate(provider, kind, false).answer.translateResponse(Buffer.from(VENDORS[provider]!.whole));
    expect(() => JSON.parse(answer) as unknown).not.toThrow();
    expect(spellings(answer)).toBe(true);
    expect(answer).not.toContain('raw-json-');
  });

  it(`large numbers of ${provider} reach a ${kind} client as spelled in a stream`, () => {
    const stream = translate(provider, kind, true).answer.createStream();
    const events = stream.push(VENDORS[provider]!.stream) + (stream.end() ?? 'cut');
    expect(spellings(events)).toBe(true);
    expect(events).not.toContain('raw-json-');
    for (const line of events.split('\n')) expect(line).toMatch(/^(?:data: |event: |: |$)/);
  });
});

describe('other large numbers', () => {
  it('a Responses response repeats the tool schema with the digits of the request', () => {
    const answer = translate('gemini', 'responses', false).answer.translateResponse(
      Buffer.from(VENDORS['gemini']!.whole),
    );
    expect(answer).toContain(`"maximum":${LARGEST}`);
  });

  it('numbers keep their digits in a schema that moves into the prompt', () => {
    const body = (schema: string): string =>
      `{"model":"anthropic:m","messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema","json_schema":{"name":"a","schema":${schema}}}}`;
    const sent = (provider: string, model: string): string => {
      const front = createClientFormat('chat', readRoutedBody(Buffer.from(body(SCHEMA))), 'r', 1);
      const translator = getTranslator(findProvider(provider)!);
      return writeJson(translator.translateRequest(front.chat, { model, id: 'c', created: 1, streaming: false }).body);
    };
    for (const [provider, model] of [
      ['anthropic', 'claude-sonnet-4-5'],
      ['anthropic', 'claude-3-5-haiku-20241022'],
      ['bedrock', 'us.amazon.nova-pro-v1:0'],
      ['bedrock', 'us.meta.llama3-3-70b-instruct-v1:0'],
      ['gemini', 'gemini-2.5-flash'],
      ['cohere', 'command-a-03-2025'],
      ['groq', 'openai/gpt-oss-120b'],
    ] as const) {
      expect([provider, model, sent(provider, model)]).toEqual([provider, model, expect.stringContaining(LARGEST)]);
      expect(sent(provider, model)).not.toContain('raw-json-');
    }
  });

  it('numbers keep their digits in a JSON response that comes as a tool call', () => {
    const chat = `{"model":"anthropic:m","messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema","json_schema":{"name":"a","schema":${SCHEMA}}}}`;
    const ask = (provider: string, model: string, whole: (name: string) => string): string => {
      const front = createClientFormat('chat', readRoutedBody(Buffer.from(chat)), 'r', 1);
      const translator = getTranslator(findProvider(provider)!);
      const context: TranslationContext = { model, id: 'c', created: 1, streaming: false };
      const { body } = translator.translateRequest(front.chat, context);
      const [, name] = /"name":"(gateway_json_answer|json_answer)"/.exec(writeJson(body))!;
      return translator.translateResponse(Buffer.from(whole(name!)), context).choices[0]!.message.content!;
    };
    const claude = (name: string): string => VENDORS['anthropic']!.whole.replace('"name":"find"', `"name":"${name}"`);
    const nova = (name: string): string => VENDORS['bedrock']!.whole.replace('"name":"find"', `"name":"${name}"`);
    expect(ask('anthropic', 'claude-3-5-haiku-20241022', claude)).toBe(ARGS);
    expect(ask('bedrock', 'us.amazon.nova-pro-v1:0', nova)).toBe(ARGS);
  });

  it('arguments that are not a JSON object are refused', () => {
    const body = CLIENTS.chat('gemini:m').replace(quoted, '"[1.0]"');
    for (const provider of ['gemini', 'anthropic', 'bedrock', 'cohere']) {
      const front = createClientFormat('chat', readRoutedBody(Buffer.from(body)), 'r', 1);
      const context = { model: VENDORS[provider]!.model, id: 'c', created: 1, streaming: false };
      expect(() => getTranslator(findProvider(provider)!).translateRequest(front.chat, context)).toThrow(/JSON object/);
    }
  });
});
