/** Tools and items that Codex sends to every model, and that only OpenAI can use. */
import type { JsonObject } from '../../../pivot/chat.js';
import { createChatFormat } from '../../chat.client-format.js';
import { createResponsesFormat } from '../../responses.client-format.js';

const SHELL = { type: 'function', name: 'shell', parameters: { type: 'object', properties: {} } };
const UNUSABLE = [
  { type: 'tool_search', execution: 'client', description: 'Find tools', parameters: { type: 'object' } },
  { type: 'namespace', name: 'crm', tools: [] },
  { type: 'namespace', name: 'erp' },
  { type: 'web_search', external_web_access: false },
  { type: 'image_generation', output_format: 'png' },
  { type: 'local_shell' },
];
const NAMED = [
  'tools.tool_search',
  'tools.namespace',
  'tools.web_search',
  'tools.image_generation',
  'tools.local_shell',
];

const read = (body: JsonObject) =>
  createResponsesFormat({ model: 'm', input: 'Hi', ...body }, { id: 'resp_1', created: 1 });

it('tools that only OpenAI can run are left out and named', () => {
  const { chat, dropped } = read({ tools: [SHELL, ...UNUSABLE] });
  expect(chat.tools).toMatchObject([{ function: { name: 'shell' } }]);
  expect(dropped).toEqual(NAMED);
});

it('unusable tools are left out of namespaces and additional_tools', () => {
  const { chat, dropped } = read({
    tools: [{ type: 'namespace', name: 'crm', tools: [SHELL, { type: 'tool_search' }] }],
    input: [
      { role: 'user', content: 'Hi' },
      { type: 'additional_tools', tools: [{ type: 'namespace', name: 'x', tools: [] }] },
    ],
  });
  expect(chat.tools).toMatchObject([{ function: { name: 'crm__shell' } }]);
  expect(dropped).toEqual(['tools.tool_search', 'tools.namespace']);
});

it.each([
  [{ type: 'allowed_tools', mode: 'required', tools: [{ type: 'tool_search' }] }, [SHELL, ...UNUSABLE]],
  ['required', UNUSABLE],
])('an unusable tool_choice is left out and named: %j', (choice, tools) => {
  const { chat, dropped } = read({ tools, tool_choice: choice });
  expect(chat.tool_choice).toBeUndefined();
  expect(dropped).toContain('tool_choice');
});

it('unusable tools are left out of allowed_tools', () => {
  const allowed = {
    type: 'allowed_tools',
    mode: 'auto',
    tools: [{ type: 'tool_search' }, { type: 'function', name: 'shell' }],
  };
  const { chat, dropped } = read({ tools: [SHELL, ...UNUSABLE], tool_choice: allowed });
  expect(chat.tool_choice).toMatchObject({ allowed_tools: { tools: [{ function: { name: 'shell' } }] } });
  expect(dropped).toContain('tool_choice.tools');
});

it('unusable items are left out of the history and named', () => {
  const types = ['tool_search_call', 'tool_search_output', 'image_generation_call', 'ghost_snapshot', 'compaction'];
  const { chat, dropped } = read({
    input: [{ role: 'user', content: 'Hi' }, ...types.map((type) => ({ type, id: 'x' }))],
  });
  expect(chat.messages).toEqual([{ role: 'user', content: 'Hi' }]);
  expect(dropped).toEqual(types.map((type) => `input.${type}`));
});

it('unusable tools are left out of a Chat body', () => {
  const { chat, dropped } = createChatFormat({
    model: 'm',
    messages: [{ role: 'user', content: 'Hi' }],
    tools: [SHELL, ...UNUSABLE],
    tool_choice: 'auto',
  });
  expect(chat.tools).toMatchObject([{ function: { name: 'shell' } }]);
  expect(dropped).toEqual(NAMED);
});

it('tool_choice required without tools is refused', () => {
  expect(() => read({ tool_choice: 'required' })).toThrow('tool_choice');
});

it("a tool_search call with a client's output stays in the history as a function call", () => {
  const { chat, dropped } = read({
    input: [
      { role: 'user', content: 'Hi' },
      { type: 'tool_search_call', call_id: 'call_1', execution: 'client', arguments: { queries: ['rate'] } },
      { type: 'function_call_output', call_id: 'call_1', output: 'Found one.' },
    ],
  });
  const called = { name: 'tool_search', arguments: '{"queries":["rate"]}' };
  expect(chat.messages).toMatchObject([
    { role: 'user', content: 'Hi' },
    { role: 'assistant', tool_calls: [{ id: 'call_1', type: 'function', function: called }] },
    { role: 'tool', tool_call_id: 'call_1', content: 'Found one.' },
  ]);
  expect(dropped).toEqual([]);
});
