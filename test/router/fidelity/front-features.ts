/** What Responses and Messages can ask for, on their way to Chat, which every translation to a vendor begins with. */
import { GatewayError } from '../../../src/platform/errors/gateway-error.js';
import type { JsonObject } from '../../../src/router/translation/chat.js';
import { messagesFront } from '../../../src/router/translation/messages/messages.front.js';
import { responsesFront } from '../../../src/router/translation/responses/responses.front.js';
import type { Front } from '../../../src/router/translation/translator.js';
import { holds, matches, type Wire } from './chat-feature.js';

export interface FrontFeature {
  name: string;
  /** Set off from a plain question. */
  body: JsonObject;
  /** Whether the Chat request says it. */
  isKept: (wire: Wire) => boolean;
  /** As `dropped` names it, where that is not the member's name. */
  named?: string;
}

export interface FrontColumn {
  title: string;
  plain: JsonObject;
  front: (body: JsonObject) => Front;
  features: readonly FrontFeature[];
}

export type FrontFate = { kind: 'kept' | 'dropped' | 'lost' } | { kind: 'refused'; says: string };

export function fateAtFront(
  { name: _name, body, isKept, named }: FrontFeature,
  { plain, front }: FrontColumn,
): FrontFate {
  try {
    const { chat, dropped } = front(structuredClone({ ...plain, ...body }));
    const names = named ? [named] : Object.keys(body);
    if (isKept(JSON.stringify(chat))) return { kind: 'kept' };
    return { kind: dropped.some((one) => names.some((each) => one.startsWith(each))) ? 'dropped' : 'lost' };
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'unsupported_parameter')
      return { kind: 'refused', says: error.detail };
    throw error;
  }
}

const never = (): boolean => false;
const IMAGE = 'iVBORw0KGgo=';
const PDF = 'JVBERi0xLjc=';
const SCHEMA = { type: 'object', properties: { berth: { type: 'string' } }, required: ['berth'] };
const dataUrl = (type: string, data: string): string => `data:${type};base64,${data}`;

const items = (...input: JsonObject[]): JsonObject => ({ input: [{ role: 'user', content: 'Which tide?' }, ...input] });
const asks = (...content: JsonObject[]): JsonObject => ({ input: [{ role: 'user', content }] });
const called = { type: 'function_call', call_id: 'call_1', name: 'tide', arguments: '{"town":"Husum"}' };
const result = (output: unknown): JsonObject => ({ type: 'function_call_output', call_id: 'call_1', output });
const flat = (name: string, more: JsonObject = {}): JsonObject => ({
  type: 'function',
  name,
  description: `Tells the ${name}`,
  parameters: SCHEMA,
  strict: false,
  ...more,
});

const responses: readonly FrontFeature[] = [
  { name: '`instructions`', body: { instructions: 'Answer in Frisian.' }, isKept: holds('Answer in Frisian.') },
  {
    name: 'developer item',
    body: items({ role: 'developer', content: [{ type: 'input_text', text: 'Answer in Frisian.' }] }),
    isKept: holds('Answer in Frisian.'),
  },
  {
    name: 'several turns',
    body: items(
      { role: 'assistant', content: [{ type: 'output_text', text: 'Low.' }] },
      { role: 'user', content: 'Now?' },
    ),
    isKept: matches(/Which tide\?[^]*Low\.[^]*Now\?/),
  },
  {
    name: 'refusal in the history',
    body: items(
      { role: 'assistant', content: [{ type: 'refusal', refusal: 'No.' }] },
      { role: 'user', content: 'Why?' },
    ),
    isKept: holds('"No."'),
  },
  { name: 'image', body: asks({ type: 'input_image', image_url: dataUrl('image/png', IMAGE) }), isKept: holds(IMAGE) },
  {
    name: '`detail` of an image',
    body: asks({ type: 'input_image', image_url: dataUrl('image/png', IMAGE), detail: 'low' }),
    isKept: holds('"detail":"low"'),
  },
  {
    name: 'file',
    body: asks({ type: 'input_file', filename: 'chart.pdf', file_data: dataUrl('application/pdf', PDF) }),
    isKept: holds(PDF, 'chart.pdf'),
  },
  {
    name: '`file_url`',
    body: asks({ type: 'input_file', file_url: 'https://example.com/chart.pdf' }),
    isKept: holds('https://example.com/chart.pdf'),
  },
  { name: '`file_id`', body: asks({ type: 'input_file', file_id: 'file-4711' }), isKept: holds('file-4711') },
  { name: 'functions', body: { tools: [flat('tide')] }, isKept: holds('Tells the tide', 'berth') },
  { name: '`strict`', body: { tools: [flat('tide', { strict: true })] }, isKept: holds('"strict":true') },
  {
    name: 'calls and their results',
    body: { tools: [flat('tide')], ...items(called, result('low at noon')) },
    isKept: holds('Husum', 'low at noon'),
  },
  {
    name: 'image in a result',
    body: {
      tools: [flat('tide')],
      ...items(called, result([{ type: 'input_image', image_url: dataUrl('image/png', IMAGE) }])),
    },
    isKept: holds(IMAGE),
  },
  {
    name: 'custom tools, as functions of one text',
    body: { tools: [{ type: 'custom', name: 'patch', description: 'Applies a patch' }] },
    isKept: holds('Applies a patch'),
  },
  {
    name: 'calls of custom tools',
    body: {
      tools: [{ type: 'custom', name: 'patch', description: 'Applies a patch' }],
      ...items(
        { type: 'custom_tool_call', call_id: 'call_1', name: 'patch', input: 'Opaque-4711' },
        { type: 'custom_tool_call_output', call_id: 'call_1', output: 'Patched' },
      ),
    },
    isKept: holds('Opaque-4711', 'Patched'),
  },
  {
    name: 'web search',
    body: { tools: [{ type: 'web_search' }] },
    isKept: holds('web_search'),
    named: 'tools.web_search',
  },
  {
    name: 'file search',
    body: { tools: [{ type: 'file_search', vector_store_ids: ['vs_4711'] }] },
    isKept: holds('vs_4711'),
    named: 'tools.file_search',
  },
  {
    name: 'MCP servers',
    body: { tools: [{ type: 'mcp', server_label: 'harbour', server_url: 'https://mcp.example.com' }] },
    isKept: holds('mcp.example.com'),
    named: 'tools.mcp',
  },
  {
    name: '`tool_choice` of one function',
    body: { tools: [flat('tide')], tool_choice: { type: 'function', name: 'tide' } },
    isKept: holds('"tool_choice":{"type":"function"'),
  },
  {
    name: '`parallel_tool_calls`',
    body: { tools: [flat('tide')], parallel_tool_calls: false },
    isKept: holds('"parallel_tool_calls":false'),
  },
  { name: '`max_tool_calls`', body: { max_tool_calls: 7 }, isKept: holds('7') },
  {
    name: 'JSON schema',
    body: { text: { format: { type: 'json_schema', name: 'place', schema: SCHEMA, strict: true } } },
    isKept: holds('berth', '"strict":true'),
  },
  { name: '`text.verbosity`', body: { text: { verbosity: 'low' } }, isKept: holds('"verbosity":"low"') },
  { name: '`reasoning.effort`', body: { reasoning: { effort: 'high' } }, isKept: holds('"high"') },
  {
    name: 'reasoning of a model behind OpenAI’s own API, given back',
    body: items(
      { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'T3BhcXVl' },
      { role: 'user', content: 'Now?' },
    ),
    isKept: holds('T3BhcXVl'),
    named: 'input.reasoning',
  },
  { name: '`max_output_tokens`', body: { max_output_tokens: 4321 }, isKept: holds('4321') },
  { name: '`temperature`, `top_p`', body: { temperature: 0.31, top_p: 0.83 }, isKept: holds('0.31', '0.83') },
  { name: '`top_logprobs`', body: { top_logprobs: 3 }, isKept: holds('"top_logprobs":3', '"logprobs":true') },
  { name: '`user`, `safety_identifier`', body: { user: 'u-1', safety_identifier: 'u-2' }, isKept: holds('u-1', 'u-2') },
  { name: '`metadata`', body: { metadata: { harbour: 'Husum' } }, isKept: holds('Husum') },
  { name: '`service_tier`', body: { service_tier: 'flex' }, isKept: holds('flex') },
  { name: '`prompt_cache_key`', body: { prompt_cache_key: 'tides' }, isKept: holds('tides') },
  { name: '`store`', body: { store: true }, isKept: never },
  { name: '`truncation: auto`', body: { truncation: 'auto' }, isKept: never },
  { name: '`include` of search results', body: { include: ['file_search_call.results'] }, isKept: never },
  { name: '`previous_response_id`', body: { previous_response_id: 'resp_1' }, isKept: holds('resp_1') },
  { name: '`conversation`', body: { conversation: 'conv_1' }, isKept: holds('conv_1') },
  { name: '`background`', body: { background: true }, isKept: holds('background') },
  { name: '`prompt`', body: { prompt: { id: 'pmpt_1' } }, isKept: holds('pmpt_1') },
  { name: 'a member that nobody knows', body: { tide_table: { of: 'Husum' } }, isKept: holds('Husum') },
  {
    name: 'a member of a function that nobody knows',
    body: { tools: [flat('tide', { mood: 'Opaque-4711' })] },
    isKept: holds('Opaque-4711'),
    named: 'tools',
  },
  {
    name: 'a member of a part that nobody knows',
    body: asks({ type: 'input_text', text: 'What?', mood: 'Opaque-4711' }),
    isKept: holds('Opaque-4711'),
    named: 'input',
  },
];

const says = (...content: JsonObject[]): JsonObject => ({ messages: [{ role: 'user', content }] });
const source = (media: string, data: string): JsonObject => ({ type: 'base64', media_type: media, data });
const use = { type: 'tool_use', id: 'toolu_1', name: 'tide', input: { town: 'Husum' } };
const offered = { name: 'tide', description: 'Tells the tide', input_schema: SCHEMA };
const round = (...content: JsonObject[]): JsonObject => ({
  tools: [offered],
  messages: [
    { role: 'user', content: 'Which tide?' },
    { role: 'assistant', content: [use] },
    { role: 'user', content: content },
  ],
});

const messages: readonly FrontFeature[] = [
  {
    name: '`system`',
    body: { system: [{ type: 'text', text: 'Answer in Frisian.' }] },
    isKept: holds('Answer in Frisian.'),
  },
  {
    name: '`cache_control`',
    body: says({ type: 'text', text: 'What?', cache_control: { type: 'ephemeral' } }),
    isKept: holds('ephemeral'),
    named: 'content[].cache_control',
  },
  { name: 'image', body: says({ type: 'image', source: source('image/png', IMAGE) }), isKept: holds(IMAGE) },
  {
    name: 'image by address',
    body: says({ type: 'image', source: { type: 'url', url: 'https://example.com/harbour.png' } }),
    isKept: holds('https://example.com/harbour.png'),
  },
  {
    name: 'document',
    body: says({ type: 'document', title: 'Chart', source: source('application/pdf', PDF) }),
    isKept: holds(PDF, 'Chart'),
  },
  {
    name: '`citations` of a document',
    body: says({ type: 'document', citations: { enabled: true }, source: source('application/pdf', PDF) }),
    isKept: holds('citations'),
    named: 'content[].citations',
  },
  { name: 'tools', body: { tools: [offered] }, isKept: holds('Tells the tide', 'berth') },
  { name: '`strict`', body: { tools: [{ ...offered, strict: true }] }, isKept: holds('"strict":true') },
  {
    name: 'web search',
    body: { tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 3 }] },
    isKept: holds('web_search'),
    named: 'tools',
  },
  {
    name: 'calls and their results',
    body: round({ type: 'tool_result', tool_use_id: 'toolu_1', content: 'low at noon' }),
    isKept: holds('Husum', 'low at noon'),
  },
  {
    name: '`is_error`',
    body: round({ type: 'tool_result', tool_use_id: 'toolu_1', content: 'no such town', is_error: true }),
    isKept: matches(/[Ee]rror[^]*no such town/),
  },
  {
    name: 'image in a result',
    body: round({
      type: 'tool_result',
      tool_use_id: 'toolu_1',
      content: [{ type: 'image', source: source('image/png', IMAGE) }],
    }),
    isKept: holds(IMAGE),
  },
  {
    name: '`tool_choice` of one tool',
    body: { tools: [offered], tool_choice: { type: 'tool', name: 'tide' } },
    isKept: holds('"tool_choice":{"type":"function"'),
  },
  {
    name: '`disable_parallel_tool_use`',
    body: { tools: [offered], tool_choice: { type: 'auto', disable_parallel_tool_use: true } },
    isKept: holds('"parallel_tool_calls":false'),
  },
  {
    name: '`thinking`',
    body: { max_tokens: 9000, thinking: { type: 'enabled', budget_tokens: 8000 } },
    isKept: holds('"reasoning_effort"'),
  },
  {
    name: '`output_config.effort`',
    body: { output_config: { effort: 'high' } },
    isKept: holds('"reasoning_effort":"high"'),
  },
  {
    name: '`output_config.format`',
    body: { output_config: { format: { type: 'json_schema', schema: SCHEMA } } },
    isKept: holds('berth'),
  },
  {
    name: 'thinking of Claude, given back',
    body: {
      messages: [
        { role: 'user', content: 'Which tide?' },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'Neap?', signature: 'T3BhcXVl' },
            { type: 'text', text: 'Low.' },
          ],
        },
        { role: 'user', content: 'Now?' },
      ],
    },
    isKept: holds('T3BhcXVl'),
  },
  { name: '`stop_sequences`', body: { stop_sequences: ['END-1'] }, isKept: holds('END-1') },
  {
    name: '`temperature`, `top_p`, `top_k`',
    body: { temperature: 0.31, top_p: 0.83, top_k: 37 },
    isKept: holds('0.31', '0.83', '37'),
  },
  { name: '`metadata.user_id`', body: { metadata: { user_id: 'captain-4711' } }, isKept: holds('captain-4711') },
  { name: '`service_tier`', body: { service_tier: 'standard_only' }, isKept: holds('standard_only') },
  {
    name: '`mcp_servers`',
    body: { mcp_servers: [{ type: 'url', url: 'https://mcp.example.com' }] },
    isKept: holds('mcp.example.com'),
  },
  { name: '`container`', body: { container: 'box_1' }, isKept: holds('box_1') },
  { name: '`context_management`', body: { context_management: { edits: [] } }, isKept: holds('context_management') },
  { name: 'a member that nobody knows', body: { tide_table: { of: 'Husum' } }, isKept: holds('Husum') },
  {
    name: 'a member of a block that nobody knows',
    body: says({ type: 'text', text: 'What?', mood: 'Opaque-4711' }),
    isKept: holds('Opaque-4711'),
    named: 'content[].mood',
  },
];

export const FRONTS: readonly FrontColumn[] = [
  {
    title: 'Responses',
    plain: { model: 'm', input: 'Which tide?' },
    front: (body) => responsesFront(body, { id: 'resp_fidelity', created: 1 }),
    features: responses,
  },
  {
    title: 'Messages',
    plain: { model: 'm', max_tokens: 99, messages: [{ role: 'user', content: 'Which tide?' }] },
    front: (body) => messagesFront(body, { id: 'msg_fidelity', created: 1 }),
    features: messages,
  },
];
