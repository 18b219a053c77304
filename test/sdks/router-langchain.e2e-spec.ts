/** Promise: a LangChain agent works through the Model Router on a vendor of another dialect. */
import { AIMessage, HumanMessage, SystemMessage, ToolMessage, type BaseMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI } from '@langchain/openai';
import OpenAI from 'openai';
import { RouterScenario, routed } from '../support/router/router-scenario.js';
import { rejection } from '../support/gateway/scenario-refusals.js';
import { anthropicVendor } from '../support/router/anthropic.vendor.js';
import { INPUT_TOKENS, OUTPUT_TOKENS, type Turn } from '../support/router/scripted-vendor.js';

const CALLS: Turn = {
  text: 'I look both up.',
  calls: [
    { id: 'toolu_weather_1', name: 'get_weather', input: { town: 'Graz' } },
    { id: 'toolu_weather_2', name: 'get_weather', input: { town: 'Ulm' } },
  ],
};
const FINAL: Turn = { text: 'Rain in Graz, sun in Ulm.' };
const WEATHER: Record<string, string> = { Graz: '12 °C, rain', Ulm: '20 °C, sun' };

let router: RouterScenario;
beforeAll(async () => void (router = await RouterScenario.start(anthropicVendor)), 60_000);
afterAll(() => router.close());
beforeEach(() => router.forget());

const getWeather = tool(async (input) => WEATHER[(input as { town: string }).town]!, {
  name: 'get_weather',
  description: 'Tells the weather of a town.',
  schema: { type: 'object', properties: { town: { type: 'string' } }, required: ['town'] } as const,
});

function chat(more: object = {}): ChatOpenAI {
  const { baseUrl, key } = router.target();
  return new ChatOpenAI({ model: routed(anthropicVendor), apiKey: key, configuration: { baseURL: baseUrl }, ...more });
}

/** The loop of every agent: ask, run the tools that the model calls, ask again. */
async function agent(ask: (messages: BaseMessage[]) => Promise<AIMessage>): Promise<AIMessage> {
  const messages: BaseMessage[] = [new SystemMessage('Be brief.'), new HumanMessage('Weather in Graz and Ulm?')];
  for (;;) {
    const answer = await ask(messages);
    messages.push(answer);
    if (!answer.tool_calls?.length) return answer;
    for (const { id, args } of answer.tool_calls)
      messages.push(new ToolMessage({ tool_call_id: id!, content: await getWeather.invoke(args as { town: string }) }));
  }
}

it.each([
  ['Chat Completions', {}],
  ['the Responses API', { useResponsesApi: true, zdrEnabled: true }],
])('a LangChain agent completes its tool loop over %s', async (_api, options) => {
  router.script(anthropicVendor, CALLS, FINAL);
  const model = chat(options).bindTools([getWeather]);
  const answer = await agent((messages) => model.invoke(messages));
  expect(answer.text).toBe(FINAL.text);
  expect(answer.usage_metadata).toMatchObject({ input_tokens: INPUT_TOKENS, output_tokens: OUTPUT_TOKENS });
  expectAsked();
  await router.expectMetered(anthropicVendor, { streaming: false });
});

it('a LangChain agent completes its tool loop over a stream', async () => {
  router.script(anthropicVendor, CALLS, FINAL);
  const model = chat().bindTools([getWeather]);
  const answer = await agent(async (messages) => {
    const chunks = [];
    for await (const chunk of await model.stream(messages)) chunks.push(chunk);
    return chunks.reduce((whole, chunk) => whole.concat(chunk));
  });
  expect(answer.text).toBe(FINAL.text);
  expectAsked();
  await router.expectMetered(anthropicVendor, { streaming: true });
});

function expectAsked(): void {
  const [first, second] = router.requests(anthropicVendor);
  expect(first).toMatchObject({ system: 'Be brief.', tools: ['get_weather'], results: [] });
  expect(second!.results).toEqual([
    ['toolu_weather_1', WEATHER.Graz],
    ['toolu_weather_2', WEATHER.Ulm],
  ]);
}

it("a vendor error reaches LangChain in the vendor's words", async () => {
  router.fails(anthropicVendor, 400, 'There are too many words.');
  const error = await rejection(chat().invoke('Hello'));
  expect(error).toBeInstanceOf(OpenAI.BadRequestError);
  expect(error.message).toMatch(/^400 There are too many words\./);
});
