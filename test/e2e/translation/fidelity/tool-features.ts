/** Tools: definitions, choices, calls and results. */
import type { ChatMessage, ToolCall } from '../../../../src/translation/pivot/chat.js';
import { after, type ChatFeature, holds, matches, THINKING, tool } from './chat-feature.js';

const IMAGE = 'iVBORw0KGgo=';
const SIGNATURE = 'U2lnbmVkLTQ3MTE=';
const offered = [tool('weather'), tool('tide')];

const call = (id: string, name: string, town: string, more: Partial<ToolCall> = {}): ToolCall => ({
  id,
  type: 'function',
  function: { name, arguments: JSON.stringify({ town }) },
  ...more,
});

const round = (calls: ToolCall[], results: readonly string[]): ChatMessage[] => [
  { role: 'assistant', content: null, tool_calls: calls },
  ...results.map((content, i): ChatMessage => ({ role: 'tool', tool_call_id: calls[i]!.id, content })),
];

const FORCED = /"type":"any"|"mode":"ANY"|"REQUIRED"|"any":\{\}|Call one of the tools now/;

const unstrict = { name: 'now', description: 'Tells the hour', parameters: { type: 'object', properties: {} } };

export const toolFeatures: readonly ChatFeature[] = [
  {
    name: 'a tool without parameters',
    chat: { tools: [{ type: 'function', function: { name: 'tide' } }] },
    isKept: holds('"tide"'),
  },
  { name: 'tools', chat: { tools: offered }, isKept: holds('Tells the tide', 'Tells the weather', '"town"') },
  {
    name: '`strict`',
    chat: { tools: [tool('tide', { strict: true })] },
    isKept: matches(/"strict(?:_tools)?":true|"VALIDATED"/),
    named: 'tools[].function.strict',
  },
  {
    name: '`strict` for some of the tools',
    chat: { tools: [tool('tide', { strict: true }), { type: 'function', function: unstrict }] },
    isKept: matches(/"strict(?:_tools)?":true|"VALIDATED"/),
    named: 'tools[].function.strict',
  },
  {
    name: '`strict` beside a forced choice',
    chat: { tools: [tool('tide', { strict: true })], tool_choice: 'required' },
    isKept: matches(/"strict(?:_tools)?":true|"VALIDATED"|"mode":"ANY"/),
    named: 'tools[].function.strict',
  },
  {
    name: 'custom tools',
    chat: { tools: [{ type: 'custom', custom: { name: 'patch', description: 'Applies a patch' } }] },
    isKept: holds('Applies a patch'),
  },
  {
    name: 'calls and their results',
    chat: { tools: offered, ...after(...round([call('call_1', 'tide', 'Husum')], ['low at noon'])) },
    isKept: holds('Husum', 'low at noon'),
  },
  {
    name: 'parallel calls and their results',
    chat: {
      tools: offered,
      ...after(
        ...round([call('call_1', 'tide', 'Husum'), call('call_2', 'tide', 'Bremen')], ['low at noon', 'high at six']),
      ),
    },
    isKept: matches(/Husum[^]*Bremen[^]*low at noon[^]*high at six/),
  },
  {
    name: 'ids of other vendors’ calls',
    chat: { tools: offered, ...after(...round([call('call|4711=', 'tide', 'Husum')], ['low at noon'])) },
    isKept: holds('Husum', 'low at noon'),
  },
  {
    name: 'image in a result',
    chat: {
      tools: offered,
      ...after(...round([call('call_1', 'tide', 'Husum')], []), {
        role: 'tool',
        tool_call_id: 'call_1',
        content: [{ type: 'image_url', image_url: { url: `data:image/png;base64,${IMAGE}` } }],
      }),
    },
    isKept: holds(IMAGE),
  },
  {
    name: 'PDF in a result',
    chat: {
      tools: offered,
      ...after(...round([call('call_1', 'tide', 'Husum')], []), {
        role: 'tool',
        tool_call_id: 'call_1',
        content: [{ type: 'file', file: { file_data: 'data:application/pdf;base64,JVBERi0xLjc=' } }],
      }),
    },
    isKept: holds('JVBERi0xLjc='),
  },
  {
    name: 'calls in the history, without tools in the request',
    chat: after(...round([call('call_1', 'tide', 'Husum')], ['low at noon'])),
    isKept: holds('Husum', 'low at noon'),
  },
  {
    name: 'text beside calls',
    chat: {
      tools: offered,
      ...after(
        { role: 'assistant', content: 'I look it up.', tool_calls: [call('call_1', 'tide', 'Husum')] },
        { role: 'tool', tool_call_id: 'call_1', content: 'low at noon' },
      ),
    },
    isKept: holds('I look it up.', 'Husum', 'low at noon'),
  },
  {
    name: 'calls of custom tools',
    chat: {
      tools: offered,
      ...after({
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'call_1', type: 'custom', custom: { name: 'patch', input: 'Opaque-4711' } } as never],
      }),
    },
    isKept: holds('Opaque-4711'),
  },
  {
    name: 'thought signature of a call',
    chat: {
      tools: offered,
      ...after(
        ...round(
          [call('call_1', 'tide', 'Husum', { extra_content: { google: { thought_signature: SIGNATURE } } })],
          ['low'],
        ),
      ),
    },
    isKept: holds(SIGNATURE),
    named: 'messages[].tool_calls[].extra_content',
  },
  {
    name: '`tool_choice: required`',
    chat: { tools: offered, tool_choice: 'required' },
    // where it cannot be forced, it is requested in words
    isKept: matches(FORCED),
  },
  {
    name: '`tool_choice: none`',
    chat: { tools: offered, tool_choice: 'none' },
    isKept: (wire) => /"type":"none"|"mode":"NONE"|"tool_choice":"NONE"/.test(wire) || !wire.includes('Tells the'),
  },
  {
    name: '`tool_choice` of one function',
    chat: { tools: offered, tool_choice: { type: 'function', function: { name: 'tide' } } },
    isKept: matches(
      /"type":"tool","name":"tide"|"mode":"ANY","allowedFunctionNames":\["tide"\]|"tool":\{"name":"tide"\}|Call the tool tide now|^(?!.*Tells the weather).*"REQUIRED"/,
    ),
  },
  {
    name: '`tool_choice` of a custom tool',
    chat: { tools: offered, tool_choice: { type: 'custom', custom: { name: 'patch' } } },
    isKept: holds('"patch"'),
  },
  {
    name: 'allowed tools',
    chat: {
      tools: offered,
      tool_choice: {
        type: 'allowed_tools',
        allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: 'tide' } }] },
      },
    },
    isKept: matches(/"allowedFunctionNames":\["tide"\]|^(?!.*Tells the weather).*Tells the tide/),
  },
  {
    name: 'allowed tools, one required',
    chat: {
      tools: offered,
      tool_choice: {
        type: 'allowed_tools',
        allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'tide' } }] },
      },
    },
    isKept: matches(
      /"mode":"ANY","allowedFunctionNames":\["tide"\]|^(?!.*Tells the weather).*(?:"type":"any"|"REQUIRED"|"any":\{\}|Call one of the tools now)/,
    ),
  },
  {
    name: 'a forced call beside `reasoning_effort`',
    chat: { tools: offered, tool_choice: 'required', reasoning_effort: 'high' },
    isKept: (wire) => FORCED.test(wire) && THINKING.test(wire),
    named: 'reasoning_effort',
  },
  {
    name: 'an unknown member of a tool',
    chat: { tools: [{ ...tool('tide'), mood: 'Opaque-4711' } as never] },
    isKept: holds('Opaque-4711'),
    named: 'tools[].mood',
  },
  {
    name: 'an unknown member of a function',
    chat: { tools: [tool('tide', { mood: 'Opaque-4711' })] },
    isKept: holds('Opaque-4711'),
    named: 'tools[].function.mood',
  },
  {
    name: '`parallel_tool_calls: false`',
    chat: { tools: offered, parallel_tool_calls: false },
    isKept: holds('"disable_parallel_tool_use":true'),
  },
  {
    name: '`functions`',
    chat: { functions: [{ name: 'tide', description: 'Tells the tide' }] },
    isKept: holds('Tells the tide'),
  },
  {
    name: '`cache_control` of a tool',
    chat: { tools: [{ ...tool('tide'), cache_control: { type: 'ephemeral' } } as never] },
    isKept: matches(/ephemeral|cachePoint/),
    named: 'tools[].cache_control',
  },
];
