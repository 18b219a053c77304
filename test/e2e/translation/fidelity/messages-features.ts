/** The features of a Messages request. */
import type { JsonObject } from '../../../../src/translation/pivot/chat.js';
import { holds, matches } from './chat-feature.js';
import type { ClientFormatFeature } from './client-format-feature.js';

const IMAGE = 'iVBORw0KGgo=';
const PDF = 'JVBERi0xLjc=';
const SCHEMA = { type: 'object', properties: { berth: { type: 'string' } }, required: ['berth'] };

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

export const messagesFeatures: readonly ClientFormatFeature[] = [
  {
    name: '`system`',
    body: { system: [{ type: 'text', text: 'Answer in Frisian.' }] },
    isKept: holds('Answer in Frisian.'),
  },
  {
    name: '`cache_control`',
    body: says({ type: 'text', text: 'What?', cache_control: { type: 'ephemeral' } }),
    isKept: matches(/ephemeral|cachePoint/),
    named: 'messages[].content[].cache_control',
  },
  { name: 'image', body: says({ type: 'image', source: source('image/png', IMAGE) }), isKept: holds(IMAGE) },
  {
    name: 'image by URL',
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
    name: 'thinking of Claude, replayed',
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
  { name: 'an unknown member', body: { tide_table: { of: 'Husum' } }, isKept: holds('Husum') },
  {
    name: 'an unknown member of a block',
    body: says({ type: 'text', text: 'What?', mood: 'Opaque-4711' }),
    isKept: holds('Opaque-4711'),
    named: 'content[].mood',
  },
];
