/** Turns, and their content. */
import { after, type ChatFeature, holds, matches, parts, PLAIN } from './chat-feature.js';

const IMAGE = 'iVBORw0KGgo=';
const PDF = 'JVBERi0xLjc=';
const SOUND = 'UklGRiQAAABXQVZF';
const ADDRESS = 'https://example.com/chart.pdf';
const OPAQUE = 'T3BhcXVlLTQ3MTE=';
const dataUrl = (type: string, data: string): string => `data:${type};base64,${data}`;
const image = (more: object = {}) => ({ type: 'image_url', image_url: { url: dataUrl('image/png', IMAGE), ...more } });
const file = (more: object) => ({ type: 'file', file: more });
const text = (of: string) => ({ type: 'text', text: of });

export const conversationFeatures: readonly ChatFeature[] = [
  {
    name: 'system message',
    chat: { messages: [{ role: 'system', content: 'Answer in Frisian.' }, ...PLAIN.messages] },
    isKept: holds('Answer in Frisian.'),
  },
  {
    name: 'developer message',
    chat: {
      messages: [{ role: 'developer', content: [{ type: 'text', text: 'Answer in Frisian.' }] }, ...PLAIN.messages],
    },
    isKept: holds('Answer in Frisian.'),
  },
  {
    name: 'system message between turns',
    chat: after(
      { role: 'assistant', content: 'Low.' },
      { role: 'system', content: 'Answer in Frisian.' },
      { role: 'user', content: 'And now?' },
    ),
    isKept: matches(/Low\.[^]*Answer in Frisian\.[^]*And now\?|Answer in Frisian\.[^]*Low\.[^]*And now\?/),
  },
  {
    name: 'several system messages',
    chat: {
      messages: [
        { role: 'system', content: 'Answer in Frisian.' },
        { role: 'developer', content: 'Name the harbour.' },
        ...PLAIN.messages,
      ],
    },
    isKept: matches(/Answer in Frisian\.[^]*Name the harbour\./),
  },
  {
    name: 'system messages alone',
    chat: { messages: [{ role: 'system', content: 'Answer in Frisian.' }] },
    isKept: holds('Answer in Frisian.'),
  },
  {
    name: 'several turns',
    chat: after({ role: 'assistant', content: 'Low.' }, { role: 'user', content: 'And now?' }),
    isKept: matches(/Which tide\?[^]*Low\.[^]*And now\?/),
  },
  {
    name: 'a prefilled assistant message',
    chat: after({ role: 'assistant', content: 'The tide is' }),
    isKept: matches(/Which tide\?[^]*The tide is/),
  },
  {
    name: '`name` of a message',
    chat: { messages: [{ role: 'user', name: 'helmsman', content: 'Which tide?' }] },
    isKept: holds('helmsman'),
    named: 'messages[].name',
  },
  {
    name: 'refusal in the history',
    chat: after(
      { role: 'assistant', content: null, refusal: 'That I will not tell.' },
      { role: 'user', content: 'Why?' },
    ),
    isKept: holds('That I will not tell.'),
  },
  {
    name: 'refusal as a part in the history',
    chat: after(
      { role: 'assistant', content: [{ type: 'refusal', refusal: 'That I will not tell.' }] },
      { role: 'user', content: 'Why?' },
    ),
    isKept: holds('That I will not tell.'),
  },
  {
    name: 'audio response in the history',
    chat: after({ role: 'assistant', content: 'Low.', audio: { id: 'audio_4711' } } as never, {
      role: 'user',
      content: 'And now?',
    }),
    isKept: holds('audio_4711'),
    named: 'messages[].audio',
  },
  { name: 'image, data URL', chat: parts(text('What?'), image()), isKept: holds(IMAGE) },
  {
    name: 'image, https',
    chat: ({ translator }) =>
      parts(text('What?'), translator.wantsBytes ? image() : image({ url: 'https://example.com/harbour.png' })),
    note: (_wire, { translator }) => (translator.wantsBytes ? 'fetched by the gateway' : ''),
    isKept: (wire, { column }) =>
      wire.includes(column.translator.wantsBytes ? IMAGE : 'https://example.com/harbour.png'),
  },
  {
    name: '`detail` of an image',
    chat: parts(text('What?'), image({ detail: 'low' })),
    isKept: matches(/"detail":"low"|MEDIA_RESOLUTION_LOW/),
    named: 'messages[].content[].image_url.detail',
  },
  {
    name: 'PDF, data URL',
    chat: parts(text('What?'), file({ file_data: dataUrl('application/pdf', PDF), filename: 'chart.pdf' })),
    isKept: holds(PDF),
  },
  {
    name: 'PDF, bare base64',
    chat: parts(text('What?'), file({ file_data: PDF })),
    isKept: holds(PDF),
  },
  {
    name: 'PDF, https',
    chat: ({ translator }) =>
      parts(text('What?'), file({ file_data: translator.wantsBytes ? dataUrl('application/pdf', PDF) : ADDRESS })),
    note: (_wire, { translator }) => (translator.wantsBytes ? 'fetched by the gateway' : ''),
    isKept: (wire, { column }) => wire.includes(column.translator.wantsBytes ? PDF : ADDRESS),
  },
  {
    name: '`filename`',
    chat: parts(text('What?'), file({ file_data: dataUrl('application/pdf', PDF), filename: 'chart.pdf' })),
    isKept: matches(/"chart(?:\.pdf)?"/),
    named: 'messages[].content[].file.filename',
  },
  {
    name: 'text file',
    chat: parts(text('What?'), file({ file_data: dataUrl('text/plain', OPAQUE), filename: 'log.txt' })),
    isKept: matches(/T3BhcXVlLTQ3MTE=|Opaque-4711/),
  },
  { name: '`file_id`', chat: parts(text('What?'), file({ file_id: 'file-4711' })), isKept: holds('file-4711') },
  {
    name: 'audio',
    chat: parts(text('What?'), { type: 'input_audio', input_audio: { data: SOUND, format: 'wav' } }),
    isKept: holds(SOUND),
  },
  {
    name: 'audio, mp3',
    chat: parts(text('What?'), { type: 'input_audio', input_audio: { data: SOUND, format: 'mp3' } }),
    isKept: matches(/"mp3"|audio\/mp3/),
  },
  {
    name: 'a part of an unknown kind',
    chat: parts(text('What?'), { type: 'input_smell', input_smell: { data: OPAQUE } }),
    isKept: holds(OPAQUE),
  },
  {
    name: '`cache_control` of a part',
    chat: parts({ ...text('What?'), cache_control: { type: 'ephemeral' } }),
    isKept: matches(/ephemeral|cachePoint/),
    named: 'messages[].content[].cache_control',
  },
  {
    name: '`cache_control` of a message',
    chat: { messages: [{ role: 'user', content: 'Which tide?', cache_control: { type: 'ephemeral' } } as never] },
    isKept: matches(/ephemeral|cachePoint/),
    named: 'messages[].cache_control',
  },
  {
    name: 'an unknown member of a message',
    chat: { messages: [{ role: 'user', content: 'Which tide?', mood: OPAQUE } as never] },
    isKept: holds(OPAQUE),
    named: 'messages[].mood',
  },
  {
    name: 'an unknown member of a part',
    chat: parts({ ...text('What?'), mood: OPAQUE }),
    isKept: holds(OPAQUE),
    named: 'messages[].content[].mood',
  },
  {
    name: 'an unknown member of an image',
    chat: parts(text('What?'), image({ mood: OPAQUE })),
    isKept: holds(OPAQUE),
    named: 'messages[].content[].image_url.mood',
  },
  {
    name: 'reasoning of this vendor, replayed',
    chat: ({ reasoning }) => replayed(reasoning),
    isKept: matches(/Neap or spring/),
    named: 'messages[].reasoning_details',
  },
  {
    name: 'reasoning of another vendor, replayed',
    chat: replayed('openai-responses-v1'),
    isKept: matches(/Neap or spring/),
    named: 'messages[].reasoning_details',
  },
  {
    name: '`reasoning_content` alone, replayed',
    chat: after(
      { role: 'assistant', content: 'Low.', reasoning_content: 'Neap or spring?' },
      { role: 'user', content: 'And now?' },
    ),
    isKept: matches(/Neap or spring/),
    named: 'messages[].reasoning_content',
  },
];

/** With a signature, in the middle of a round of tools, where every thinking vendor requires it. */
function replayed(format: string) {
  return {
    reasoning_effort: 'high' as const,
    tools: [{ type: 'function' as const, function: { name: 'tide', parameters: { type: 'object', properties: {} } } }],
    ...after(
      {
        role: 'assistant',
        content: null,
        reasoning_content: 'Neap or spring?',
        reasoning_details: [{ type: 'reasoning.text', text: 'Neap or spring?', signature: OPAQUE, format, index: 0 }],
        tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'tide', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'call_1', content: 'low' },
    ),
  };
}
