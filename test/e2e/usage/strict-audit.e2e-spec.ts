/**
 * Strict audit: no response completes before its record is safe, and none whose record cannot be made safe, regardless
 * of other processing of responses.
 */
import { jest } from '@jest/globals';
import { json } from '../../support/providers/fake-provider.js';
import { createId } from '../../../src/platform/ids.js';
import { UsageRecorder } from '../../../src/usage/recording/usage-recorder.js';
import { replay, torn } from '../../support/providers/recorded-responses.js';
import { Scenario } from '../../support/gateway/scenario.js';
import { TOOL_LANGUAGES } from '../../support/providers/tool-call-dialects.js';

/** Occurs in all recorded responses. */
const WORD = 'Gott';
/** Marks by which a client knows that a response is complete. */
const LAST = /\[DONE\]|message_stop|"finish_reason":\s*"|"stop_reason":\s*"/;
const REDACTING = {
  guardrails: [{ name: 'word', detector: 'pattern', pattern: WORD, on: 'answer', action: 'redact' }],
};
const QUIET_MS = 300;

let scenario: Scenario;
let plainId: string;
let guardedId: string;

beforeAll(async () => {
  scenario = await Scenario.start('openai', 'anthropic');
  const proxy = async (name: string, policy: object): Promise<string> => {
    const body = { name, strictAudit: true, captureContent: 'full', policy };
    return (await scenario.gateway.admin.create('/api/llm-proxies', body)).id as string;
  };
  plainId = await proxy('Strict', {});
  guardedId = await proxy('Strict and guarded', REDACTING);
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => scenario.close());

const VENDOR_PATHS: Readonly<Record<string, string>> = { openai: '/v1/chat/completions', anthropic: '/v1/messages' };

const ROUTES: readonly [name: string, path: string, model: string, vendor: string][] = [
  ['the provider route', 'openai/{}/chat/completions', 'gpt-5.4', 'openai'],
  ['the router, passed through', 'model-router/{}/chat/completions', 'openai:gpt-5.4', 'openai'],
  ['the router, translated', 'model-router/{}/chat/completions', 'anthropic:claude-sonnet-4-5', 'anthropic'],
  ['Messages on the router, translated', 'model-router/{}/v1/messages', 'openai:gpt-5.4', 'openai'],
];
const CASES = ROUTES.flatMap(([name, path, model, vendor]) =>
  [false, true].flatMap((isStream) =>
    [false, true].map((isGuarded) => ({
      ...{ path, model, vendor, isStream, isGuarded },
      name: `${isStream ? 'a stream' : 'a response'} of ${name}${isGuarded ? ', with a guardrail that redacts' : ''}`,
    })),
  ),
);
type Case = (typeof CASES)[number];

function call({ path, model, vendor, isStream, isGuarded }: Case): Promise<Response> {
  scenario.vendor.on('POST', VENDOR_PATHS[vendor]!, replay(vendor, isStream ? 'chat-stream.sse' : 'chat.json'));
  const messages = [{ role: 'user', content: 'Say hello' }];
  return fetch(`${scenario.gateway.url}/v1/${path.replace('{}', isGuarded ? guardedId : plainId)}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${scenario.keys.virtual}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, max_tokens: 99, messages, stream: isStream }),
  });
}

/** The text received so far, and the end of it. */
function reading(response: Promise<Response>): { text: () => string; isOver: () => boolean; end: Promise<void> } {
  let text = '';
  let isOver = false;
  const end = (async () => {
    const decoder = new TextDecoder();
    for await (const piece of (await response).body!) text += decoder.decode(piece, { stream: true });
    isOver = true;
  })();
  return { text: () => text, isOver: () => isOver, end };
}

/** Records become safe when the returned function is called; with an error they never do. */
function holdRecords(): { asked: Promise<void>; release: (error?: Error) => void } {
  const recorder = scenario.gateway.app.nest.get(UsageRecorder, { strict: false });
  const durably = recorder.recordDurably.bind(recorder);
  let ask: () => void;
  let release: (error?: Error) => void;
  const asked = new Promise<void>((resolve) => (ask = resolve));
  const gate = new Promise<void>((resolve, reject) => (release = (error) => (error ? reject(error) : resolve())));
  gate.catch(() => undefined);
  jest.spyOn(recorder, 'recordDurably').mockImplementation(async (record) => {
    ask();
    await gate;
    await durably(record);
  });
  return { asked, release: (error) => release(error) };
}

it.each(CASES)('$name ends when its record is safe', async (given) => {
  const { asked, release } = holdRecords();
  const { text, isOver, end } = reading(call(given));
  await asked;
  await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
  expect(isOver()).toBe(false);
  expect(text()).not.toMatch(LAST);
  if (given.isStream) expect(text()).toContain('data: ');
  release();
  await end;
  expect(text()).toMatch(LAST);
  expect(text().includes(WORD)).toBe(!given.isGuarded);
  const record = await scenario.record();
  expect(record).toMatchObject({ status: 200, outcome: 'success', streaming: given.isStream });
  expect(record.guardrails ?? []).toHaveLength(given.isGuarded ? 1 : 0);
});

const TOOL_CALLS: [onBlock: string, isStream: boolean][] = [
  ['refuse', false],
  ['refuse', true],
  ['error', false],
  ['error', true],
];
it.each(TOOL_CALLS)(
  'a withheld tool call that becomes %s ends when its record is safe (streamed: %s)',
  async (onBlock, isStream) => {
    const when = [{ pointer: '/path', exists: true }];
    const rules = [{ name: 'no-delete', tools: ['delete_*'], when, action: 'block' }];
    const body = { name: createId(), strictAudit: true, policy: { guardrails: { toolCalls: { rules, onBlock } } } };
    const proxyId = (await scenario.gateway.admin.create('/api/llm-proxies', body)).id as string;
    const language = TOOL_LANGUAGES['Chat Completions']!;
    const turn = { text: 'Well.', calls: [{ name: 'delete_file', args: '{"path":"secret-7"}' }] };
    const vendor = isStream
      ? torn(language.stream(turn, 4), { 'content-type': language.contentType })
      : json(200, language.whole(turn));
    scenario.vendor.on('POST', VENDOR_PATHS['openai']!, vendor);
    const { asked, release } = holdRecords();
    const tools = [{ type: 'function', function: { name: 'delete_file', parameters: { type: 'object' } } }];
    const { text, isOver, end } = reading(
      fetch(`${scenario.gateway.url}/v1/openai/${proxyId}/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${scenario.keys.virtual}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'gpt-5.4', messages: [{ role: 'user', content: 'x' }], tools, stream: isStream }),
      }),
    );
    await asked;
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    expect([isOver(), LAST.test(text())]).toEqual([false, false]);
    release();
    await end;
    expect(text()).not.toContain('secret-7');
    expect(text()).toContain(onBlock === 'refuse' ? 'The gateway removed a call' : 'guardrail_blocked');
    expect((await scenario.record()).guardrails).toMatchObject([
      { guardrail: 'no-delete', action: 'block', on: 'answer' },
    ]);
  },
);

it.each(CASES)('$name breaks off when its record cannot be made safe', async (given) => {
  const { asked, release } = holdRecords();
  const { text, end } = reading(call(given));
  await asked;
  release(new Error('no room anywhere'));
  await expect(end).rejects.toThrow();
  expect(text()).not.toMatch(LAST);
});
