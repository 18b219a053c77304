/** Promise: the client sees its own names of tools, regardless of the names that the vendor accepts. */
import { json } from '../../support/providers/fake-provider.js';
import type { Json } from '../../support/http/admin-client.js';
import { torn } from '../../support/providers/recorded-responses.js';
import { RouterScenario, routed } from '../../support/router/router-scenario.js';
import { anthropicVendor } from '../../support/router/anthropic.vendor.js';
import { bedrockVendor } from '../../support/router/bedrock.vendor.js';
import { cohereVendor } from '../../support/router/cohere.vendor.js';
import { geminiVendor } from '../../support/router/gemini.vendor.js';
import { mistralVendor, openAiVendor } from '../../support/router/openai.vendor.js';
import { bodyOf, says, type VendorWire } from '../../support/router/scripted-vendor.js';

/** 150 characters: longer than every limit. */
const LONG = `mcp__office-suite_calendar__${'rooms_that_are_free_'.repeat(6)}in`;
/** The same beginning. */
const LONG_TOO = `${LONG.slice(0, -2)}at`;
const SPELLED = '1 füße/of.files';
const NAMES = [LONG, LONG_TOO, SPELLED, 'plain_name'];
/** The names that each vendor accepts, as it documents them. */
const TAKEN: Readonly<Record<string, RegExp>> = {
  openai: /^[A-Za-z0-9_-]{1,64}$/,
  mistral: /^[A-Za-z0-9_-]{1,64}$/,
  anthropic: /^[A-Za-z0-9_-]{1,128}$/,
  gemini: /^[A-Za-z_][A-Za-z0-9_.:-]{0,63}$/,
  bedrock: /^[A-Za-z0-9_-]{1,64}$/,
  cohere: /^[A-Za-z_][A-Za-z0-9_]*$/,
};
const VENDORS = [openAiVendor, mistralVendor, anthropicVendor, geminiVendor, bedrockVendor, cohereVendor];

let router: RouterScenario;
beforeAll(async () => {
  const [first, ...others] = VENDORS;
  router = await RouterScenario.start(first!, ...others);
}, 60_000);
afterAll(() => router.close());
beforeEach(() => router.forget());

const SCHEMA = { type: 'object', properties: { q: { type: 'string' } } };

/** Requests in each client format: one question, and the conversation after a call of `name`. */
const LANGUAGES = {
  chat: {
    path: 'chat/completions',
    body: {
      messages: [{ role: 'user', content: 'Free rooms?' }],
      tools: NAMES.map((name) => ({ type: 'function', function: { name, parameters: SCHEMA } })),
    },
    after: (name: string) => ({
      messages: [
        { role: 'user', content: 'Free rooms?' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'call_1', type: 'function', function: { name, arguments: '{"q":"x"}' } }],
        },
        { role: 'tool', tool_call_id: 'call_1', content: 'none' },
      ],
      tool_choice: { type: 'function', function: { name } },
    }),
  },
  messages: {
    path: 'v1/messages',
    body: {
      max_tokens: 100,
      messages: [{ role: 'user', content: 'Free rooms?' }],
      tools: NAMES.map((name) => ({ name, input_schema: SCHEMA })),
    },
    after: (name: string) => ({
      messages: [
        { role: 'user', content: 'Free rooms?' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'call_1', name, input: { q: 'x' } }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call_1', content: 'none' }] },
      ],
      tool_choice: { type: 'tool', name },
    }),
  },
  responses: {
    path: 'responses',
    body: {
      input: 'Free rooms?',
      tools: NAMES.map((name) => ({ type: 'function', name, parameters: SCHEMA })),
    },
    after: (name: string) => ({
      input: [
        { role: 'user', content: 'Free rooms?' },
        { type: 'function_call', call_id: 'call_1', name, arguments: '{"q":"x"}' },
        { type: 'function_call_output', call_id: 'call_1', output: 'none' },
      ],
      tool_choice: { type: 'function', name },
    }),
  },
} as const;
type Language = keyof typeof LANGUAGES;

async function ask(language: Language, body: object): Promise<{ status: number; text: string }> {
  const { baseUrl, key } = router.target();
  const response = await fetch(`${baseUrl}/${LANGUAGES[language].path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'anthropic-version': '2023-06-01',
    },
    body: JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
}

const PAIRS = (['chat', 'messages', 'responses'] as const).flatMap((language) =>
  VENDORS.filter((vendor) => language !== 'responses' || vendor !== openAiVendor).flatMap((vendor) =>
    [false, true].map((stream) => ({ language, vendor, stream, name: vendor.displayName })),
  ),
);

describe.each(PAIRS)('tool names from $language to $name (stream: $stream)', ({ language, vendor, stream }) => {
  const { body, after } = LANGUAGES[language];

  it.each(NAMES.map((name, i) => ({ name, i })))(
    `a ${language} client gets a call of $name from ${vendor.displayName} by its own name (stream: ${stream})`,
    async ({ name, i }) => {
      callsTool(vendor, i);
      const { status, text } = await ask(language, { ...body, model: routed(vendor), stream });
      expect(status).toBe(200);
      const sent = router.requests(vendor)[0]!.tools;
      expect(new Set(sent).size).toBe(NAMES.length);
      for (const one of sent) expect(one).toMatch(TAKEN[vendor.provider]!);
      expect(sent[3]).toBe('plain_name');
      expect(text).toContain(`"name":${JSON.stringify(name)}`);
      if (sent[i] !== name) expect(text).not.toContain(sent[i]);
    },
  );

  it(`${vendor.displayName} gets its own tool names in history and choice of a ${language} client (stream: ${stream})`, async () => {
    callsTool(vendor, 3);
    for (const name of [LONG, SPELLED])
      expect((await ask(language, { ...body, ...after(name), model: routed(vendor), stream })).status).toBe(200);
    const [long, spelled] = router.seen.map(({ body: sent }) => sent.toString());
    const [names] = router.requests(vendor).map(({ tools }) => tools);
    for (const text of [long!, spelled!])
      for (const name of NAMES.slice(0, 3)) expect(text).not.toContain(JSON.stringify(name));
    // the tool, the call or its result, and the choice, where the vendor has one by name
    expect(long!.split(JSON.stringify(names?.[0])).length).toBeGreaterThan(2);
  });
});

function callsTool(vendor: VendorWire, i: number): void {
  router.on(vendor, (request, response) => {
    const name = vendor.asked(request).tools[i] ?? vendor.asked(request).tools[0]!;
    return says(vendor, { calls: [{ id: 'call_9', name, input: { q: 'x' } }] })(request, response);
  });
}

describe('Responses to a vendor that speaks them', () => {
  const item = (name: string): Json => ({
    id: 'fc_1',
    type: 'function_call',
    call_id: 'call_9',
    name,
    arguments: '{"q":"say \\"hi\\""}',
    status: 'completed',
  });
  const response = (tools: Json, output: Json[]): Json => ({
    id: 'resp_1',
    object: 'response',
    created_at: 1,
    status: 'completed',
    model: 'gpt-5.4',
    tools,
    output,
    usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 },
  });

  it.each([false, true])(
    'tool names are restored in Responses items and repeated tools (stream: %s)',
    async (stream) => {
      const { body, after } = LANGUAGES.responses;
      router.scenario.vendor.on('POST', /\/responses$/, (request, answer) => {
        const { tools } = bodyOf(request);
        const called = item(tools[0].name);
        const event = (type: string, more: object): string =>
          `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;
        if (!stream) return json(200, response(tools, [called]))(request, answer);
        const events = [
          event('response.created', { response: response(tools, []) }),
          event('response.output_item.added', { output_index: 0, item: called }),
          event('response.output_item.done', { output_index: 0, item: called }),
          event('response.completed', { response: response(tools, [called]) }),
        ];
        return torn(Buffer.from(events.join('')), { 'content-type': 'text/event-stream' })(request, answer);
      });
      const asked = { ...body, ...after(LONG), model: 'openai:gpt-5.4', stream };
      const { status, text } = await ask('responses', asked);
      expect(status).toBe(200);
      const sent = bodyOf(router.seen[0]!);
      const standIn = sent.tools[0].name as string;
      expect(standIn).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
      expect([sent.input[1].name, sent.tool_choice.name]).toEqual([standIn, standIn]);
      expect(text).not.toContain(standIn);
      const last = stream ? JSON.parse(text.trim().split('data: ').at(-1)!).response : JSON.parse(text);
      expect(last.tools.map(({ name }: Json) => name)).toEqual(NAMES);
      expect(last.output).toEqual([item(LONG)]);
    },
  );
});

it('guardrails match the tool names of the client', async () => {
  const proxy = await router.scenario.gateway.admin.create('/api/llm-proxies', {
    name: 'Without rooms',
    policy: { guardrails: { toolCalls: { rules: [{ name: 'no-rooms', tools: [LONG], action: 'block' }] } } },
  });
  callsTool(openAiVendor, 0);
  const { baseUrl, key } = router.target(undefined, proxy.id);
  const { body, path } = LANGUAGES.chat;
  const answer = await fetch(`${baseUrl}/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ ...body, tools: body.tools.slice(0, 1), model: routed(openAiVendor) }),
  });
  expect([answer.status, (await answer.json()).error.code]).toEqual([403, 'guardrail_blocked']);
});
