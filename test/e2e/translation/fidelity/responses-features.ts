/** The features of a Responses request. */
import type { JsonObject } from '../../../../src/translation/pivot/chat.js';
import { holds, matches } from './chat-feature.js';
import type { ClientFormatFeature } from './client-format-feature.js';

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

export const responsesFeatures: readonly ClientFormatFeature[] = [
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
    name: 'reasoning of a model behind OpenAI’s API, replayed',
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
  { name: 'an unknown member', body: { tide_table: { of: 'Husum' } }, isKept: holds('Husum') },
  {
    name: 'an unknown member of a function',
    body: { tools: [flat('tide', { mood: 'Opaque-4711' })] },
    isKept: holds('Opaque-4711'),
    named: 'tools',
  },
  {
    name: 'an unknown member of a part',
    body: asks({ type: 'input_text', text: 'What?', mood: 'Opaque-4711' }),
    isKept: holds('Opaque-4711'),
    named: 'input',
  },
];
