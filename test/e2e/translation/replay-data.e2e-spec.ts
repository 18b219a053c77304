/**
 * Promise: a conversation moves between vendors and comes back; each gets the replay data that it produced, and no
 * other.
 */
import type { Json } from '../../support/http/admin-client.js';
import { RouterScenario, routed } from '../../support/router/router-scenario.js';
import { anthropicVendor } from '../../support/router/anthropic.vendor.js';
import { bedrockVendor } from '../../support/router/bedrock.vendor.js';
import { geminiVendor } from '../../support/router/gemini.vendor.js';
import type { Turn, VendorWire } from '../../support/router/scripted-vendor.js';

const SIGNATURES: Readonly<Record<string, string>> = {
  anthropic: 'EqQBCgIYAhIMYW50aHJvcGlj',
  gemini: 'c2lnbmF0dXJlLW9mLWdlbWluaQ==',
  bedrock: 'c2lnbmF0dXJlLW9mLWJlZHJvY2s=',
};
const VENDORS = [anthropicVendor, geminiVendor, bedrockVendor] as const;
const SCHEMA = { type: 'object', properties: { town: { type: 'string' } } };

let router: RouterScenario;
beforeAll(async () => void (router = await RouterScenario.start(...VENDORS)), 60_000);
afterAll(() => router.close());
beforeEach(() => router.forget());

/** How a client writes requests and reads responses in its format. */
interface Language {
  path: string;
  body: (turns: readonly Json[]) => Json;
  user(text: string): Json;
  /** The response as the client replays it, and the result of its call if it has one. */
  assistant(response: Json): Json[];
}

const LANGUAGES: Readonly<Record<string, Language>> = {
  Chat: {
    path: 'chat/completions',
    body: (messages) => ({
      messages,
      reasoning_effort: 'high',
      max_completion_tokens: 20_000,
      tools: [{ type: 'function', function: { name: 'get_weather', parameters: SCHEMA } }],
    }),
    user: (content) => ({ role: 'user', content }),
    assistant: ({ choices: [{ message }] }) => [
      message,
      ...(message.tool_calls ?? []).map(({ id }: Json) => ({ role: 'tool', tool_call_id: id, content: 'Rain.' })),
    ],
  },
  Messages: {
    path: 'v1/messages',
    body: (messages) => ({
      messages,
      thinking: { type: 'enabled', budget_tokens: 2_000 },
      max_tokens: 20_000,
      tools: [{ name: 'get_weather', input_schema: SCHEMA }],
    }),
    user: (content) => ({ role: 'user', content }),
    assistant({ content }) {
      const uses = content.filter(({ type }: Json) => type === 'tool_use');
      const results = uses.map(({ id }: Json) => ({ type: 'tool_result', tool_use_id: id, content: 'Rain.' }));
      return [{ role: 'assistant', content }, ...(results.length > 0 ? [{ role: 'user', content: results }] : [])];
    },
  },
  Responses: {
    path: 'responses',
    body: (input) => ({
      input,
      store: false,
      reasoning: { effort: 'high' },
      max_output_tokens: 20_000,
      tools: [{ type: 'function', name: 'get_weather', parameters: SCHEMA }],
    }),
    user: (content) => ({ role: 'user', content }),
    assistant: ({ output }) => [
      ...output,
      ...output
        .filter(({ type }: Json) => type === 'function_call')
        .map(({ call_id }: Json) => ({ type: 'function_call_output', call_id, output: 'Rain.' })),
    ],
  },
};

async function ask({ path, body }: Language, model: string, turns: readonly Json[]): Promise<Json> {
  const { baseUrl, key } = router.target();
  const response = await fetch(`${baseUrl}/${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'anthropic-version': '2023-06-01',
    },
    body: JSON.stringify({ ...body(turns), model }),
  });
  const text = await response.text();
  expect([response.status, text]).toEqual([200, text]);
  return JSON.parse(text);
}

const thoughtOf = ({ provider }: VendorWire): NonNullable<Turn['thought']> => ({
  text: `A thought of ${provider}.`,
  signature: SIGNATURES[provider]!,
});
const calls = (vendor: VendorWire): Turn => ({
  thought: thoughtOf(vendor),
  calls: [{ id: `call_${vendor.provider}`, name: 'get_weather', input: { town: 'Graz' } }],
});

/** The last request has only this vendor's signatures, and nothing of the gateway. */
function expectOwn(vendor: VendorWire): void {
  const sent = router.seen.at(-1)!.body.toString();
  expect(sent).not.toContain('gatehouse');
  for (const [provider, signature] of Object.entries(SIGNATURES))
    if (provider !== vendor.provider) expect(sent).not.toContain(signature);
}

const MOVES = Object.keys(LANGUAGES).flatMap((language) =>
  VENDORS.flatMap((from) => VENDORS.filter((to) => to !== from).map((to) => ({ language, from, to }))),
);

it.each(MOVES)(
  'a $language conversation moves from $from.displayName to $to.displayName and back with its replay data',
  async ({ language, from, to }) => {
    const client = LANGUAGES[language]!;
    const turns: Json[] = [client.user('Weather in Graz?')];
    for (const vendor of [from, to, from]) {
      router.script(vendor, calls(vendor));
      const response = await ask(client, routed(vendor), turns);
      expectOwn(vendor);
      turns.push(...client.assistant(response), client.user('And tomorrow?'));
    }
    const [, , back] = router.seen;
    expect(from.asked(back!).signatures).toEqual([SIGNATURES[from.provider]]);
  },
);

it.each(Object.keys(LANGUAGES))(
  'a %s conversation keeps its replay data when an alias fails over and comes back',
  async (language) => {
    const client = LANGUAGES[language]!;
    const name = `agent-${language.toLowerCase()}`;
    const targets = [anthropicVendor, geminiVendor].map((vendor) => ({ model: routed(vendor) }));
    await router.scenario.gateway.admin.create('/api/model-aliases', { name, targets });
    const turns: Json[] = [client.user('Weather in Graz?')];
    const next = async (vendor: VendorWire): Promise<void> => {
      router.script(vendor, calls(vendor));
      const response = await ask(client, name, turns);
      expectOwn(vendor);
      turns.push(...client.assistant(response), client.user('And tomorrow?'));
    };
    await next(anthropicVendor);
    router.fails(anthropicVendor, 529, 'Overloaded');
    await next(geminiVendor);
    // the target that failed has cooled down
    router.scenario.gateway.clock.advance(10 * 60_000);
    await next(anthropicVendor);
    const last = router.seen.at(-1)!;
    expect(anthropicVendor.asked(last).signatures).toEqual([SIGNATURES['anthropic']]);
  },
);
