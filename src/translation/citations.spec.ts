/** Promise: a vendor's citations reach the client as far as its format can hold them, and the rest is named. */
import { findProvider } from '../providers/registry.js';
import { bytesOf } from '../../test/support/providers/bedrock-event-stream.js';
import { PivotResponse } from './pivot-response.js';
import type { JsonObject } from './pivot/chat.js';
import { createChatFormat } from './client-formats/chat.client-format.js';
import { createMessagesFormat } from './client-formats/messages.client-format.js';
import { createResponsesFormat } from './client-formats/responses.client-format.js';
import type { ClientFormat, TranslationContext } from './pivot/translator.js';
import { getTranslator } from './provider-formats/registry.js';

const URL_A = 'https://a.example/1';
const URL_B = 'https://b.example/2';
const TEXT = 'Grüße: seen. Also.';
const cited = (url: string, title: string, range?: [number, number], more: object = {}): JsonObject => ({
  type: 'url_citation',
  url_citation: { url, title, ...more, ...(range && { start_index: range[0], end_index: range[1] }) },
});

const FRONTS: Record<string, (stream: boolean) => ClientFormat> = {
  chat: (stream) => createChatFormat({ model: 'm', messages: [{ role: 'user', content: 'x' }], stream }),
  responses: (stream) => createResponsesFormat({ model: 'm', input: 'x', stream }, { id: 'resp_1', created: 1 }),
  messages: (stream) =>
    createMessagesFormat(
      { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'x' }], stream },
      { id: 'msg_1', created: 1 },
    ),
};

function translation(vendor: string, client: string, streaming: boolean): { made: PivotResponse; lost: Set<string> } {
  const lost = new Set<string>();
  const context: TranslationContext = { model: 'm', id: 'chatcmpl-1', created: 1, streaming, lost };
  const front = FRONTS[client]!(streaming);
  return { made: new PivotResponse(getTranslator(findProvider(vendor)!), front, context, 'r', []), lost };
}

function whole(vendor: string, client: string, body: object) {
  const { made, lost } = translation(vendor, client, false);
  return { answer: JSON.parse(made.translateResponse(Buffer.from(JSON.stringify(body)))), lost: [...lost] };
}

function streamed(vendor: string, client: string, bytes: Buffer): JsonObject[] {
  const { made } = translation(vendor, client, true);
  const stream = made.createStream();
  const events = stream.push(bytes) + stream.end()!;
  return [...events.matchAll(/^data: (\{.*)$/gm)].map(([, data]) => JSON.parse(data!) as JsonObject);
}

const sse = (...events: object[]): Buffer =>
  Buffer.from(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''));

const GROUNDING = {
  webSearchQueries: ['q'],
  searchEntryPoint: { renderedContent: '<div/>' },
  groundingChunks: [{ web: { uri: URL_A, title: 'A' } }, { web: { uri: URL_B, title: 'B' } }],
  // in bytes: two of the characters before the end take two
  groundingSupports: [{ segment: { endIndex: 14, text: 'Grüße: seen.' }, groundingChunkIndices: [0] }],
};
const gemini = (...parts: object[]) => ({
  candidates: [{ content: { role: 'model', parts }, finishReason: 'STOP', groundingMetadata: GROUNDING }],
});
const ANNOTATIONS = [cited(URL_A, 'A', [0, 12]), cited(URL_B, 'B')];

describe('Gemini’s grounding', () => {
  it("Gemini's grounding becomes Chat annotations, and its other members are named as lost", () => {
    const { answer, lost } = whole('gemini', 'chat', gemini({ text: TEXT }));
    expect(answer.choices[0].message.annotations).toEqual(ANNOTATIONS);
    expect(lost).toEqual(['groundingMetadata.webSearchQueries', 'groundingMetadata.searchEntryPoint']);
  });

  it("Gemini's grounding becomes Responses annotations", () => {
    const { answer } = whole('gemini', 'responses', gemini({ text: TEXT }));
    expect(answer.output[0].content[0].annotations).toEqual([
      { type: 'url_citation', url: URL_A, title: 'A', start_index: 0, end_index: 12 },
      { type: 'url_citation', url: URL_B, title: 'B', start_index: 0, end_index: TEXT.length },
    ]);
  });

  it("Gemini's grounding becomes Messages citations", () => {
    const { answer } = whole('gemini', 'messages', gemini({ text: TEXT }));
    expect(answer.content[0].citations.map(({ url }: JsonObject) => url)).toEqual([URL_A, URL_B]);
  });

  it.each(['chat', 'responses', 'messages'])(
    "Gemini's grounding arrives once in a stream for a client of %s",
    (client) => {
      const first = { candidates: [{ content: { parts: [{ text: 'Grüße: ' }] } }] };
      const events = sse(first, gemini({ text: 'seen. Also.' }), gemini({ text: '' }));
      const told = JSON.stringify(streamed('gemini', client, events));
      const perSource = client === 'responses' ? 4 : 1; // the events that end a part, an item and a response repeat it
      expect(told.split(`"${URL_A}"`)).toHaveLength(perSource + 1);
      expect(told.split(`"${URL_B}"`)).toHaveLength(perSource + 1);
    },
  );

  it('grounding without a URL, executed code and read pages are named as lost', () => {
    const body = gemini({ executableCode: { code: 'x' } }, { codeExecutionResult: { output: 'y' } }, { text: TEXT });
    Object.assign(body.candidates[0]!, {
      groundingMetadata: { groundingChunks: [{ retrievedContext: { title: 'Hidden' } }] },
      urlContextMetadata: { urlMetadata: [{ retrievedUrl: URL_A }] },
    });
    expect(whole('gemini', 'chat', body).lost.sort()).toEqual([
      'groundingMetadata.groundingChunks',
      'parts[].codeExecutionResult',
      'parts[].executableCode',
      'urlContextMetadata',
    ]);
  });

  it('annotations without a text beside them are named as lost for Messages and Responses', () => {
    const call = { functionCall: { name: 'f', args: {} } };
    for (const client of ['messages', 'responses'])
      expect(whole('gemini', client, gemini(call)).lost).toContain('annotations');
  });
});

const CLAUDE_TEXT = {
  type: 'text',
  text: 'seen.',
  citations: [
    { type: 'web_search_result_location', url: URL_A, title: 'A', cited_text: 'a', encrypted_index: 'e' },
    { type: 'char_location', document_index: 0, cited_text: 'b' },
  ],
};
const CLAUDE = cited(URL_A, 'A', [3, 8], { content: 'a' });

describe('Claude’s citations', () => {
  it("Claude's citations become annotations with text positions; those without a URL are named as lost", () => {
    const content = [
      { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
      { type: 'text', text: 'It ' },
      CLAUDE_TEXT,
    ];
    const { answer, lost } = whole('anthropic', 'chat', { type: 'message', content, stop_reason: 'end_turn' });
    expect(answer.choices[0].message.annotations).toEqual([CLAUDE]);
    expect(lost).toEqual(['content[].server_tool_use', 'content[].citations']);
  });

  it("Claude's citations become annotations in a stream", () => {
    const { citations, ...block } = CLAUDE_TEXT;
    const events = streamed(
      'anthropic',
      'chat',
      sse(
        { type: 'message_start', message: { id: 'm', model: 'm' } },
        { type: 'content_block_start', index: 0, content_block: { type: 'text', text: 'It ' } },
        { type: 'content_block_stop', index: 0 },
        { type: 'content_block_start', index: 1, content_block: { ...block, text: '', citations: [] } },
        ...citations.map((citation) => ({
          type: 'content_block_delta',
          index: 1,
          delta: { type: 'citations_delta', citation },
        })),
        { type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: 'seen.' } },
        { type: 'content_block_stop', index: 1 },
        { type: 'message_delta', delta: { stop_reason: 'end_turn' } },
        { type: 'message_stop' },
      ),
    );
    const annotations = events.flatMap(({ choices }) =>
      (choices as { delta: { annotations?: unknown[] } }[]).flatMap(({ delta }) => delta.annotations ?? []),
    );
    expect(annotations).toEqual([CLAUDE]);
  });
});

describe('Bedrock’s citations', () => {
  const web = { title: 'A', location: { web: { url: URL_A, domain: 'a.example' } } };
  const page = { title: 'B', location: { documentPage: { documentIndex: 0, start: 1, end: 2 } } };

  it('web citations of Bedrock become annotations, and page citations are named as lost', () => {
    const block = { citationsContent: { content: [{ text: 'seen.' }], citations: [web, page] } };
    const body = { output: { message: { content: [{ text: 'It ' }, block] } }, stopReason: 'end_turn' };
    const { answer, lost } = whole('bedrock', 'chat', body);
    expect(answer.choices[0].message.annotations).toEqual([cited(URL_A, 'A', [3, 8])]);
    expect(lost).toEqual(['citationsContent.citations']);
  });

  it('web citations of Bedrock become annotations in a stream', () => {
    const events = streamed(
      'bedrock',
      'chat',
      bytesOf([
        { event: 'messageStart', payload: { role: 'assistant' } },
        { event: 'contentBlockDelta', payload: { contentBlockIndex: 0, delta: { text: 'It ' } } },
        { event: 'contentBlockDelta', payload: { contentBlockIndex: 0, delta: { citation: web } } },
        { event: 'contentBlockStop', payload: { contentBlockIndex: 0 } },
        { event: 'messageStop', payload: { stopReason: 'end_turn' } },
      ]),
    );
    expect(JSON.stringify(events)).toContain(JSON.stringify(cited(URL_A, 'A')));
  });
});

it('sources that follow a call reach a Responses client', () => {
  const call = { index: 0, id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } };
  const chunk = (delta: object, finish: string | null = null, more: object = {}) => ({
    ...{ id: 'x', object: 'chat.completion.chunk', created: 1, model: 'm', ...more },
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
  const events = streamed(
    'perplexity',
    'responses',
    sse(chunk({ content: 'It.' }), chunk({ tool_calls: [call] }), chunk({}, 'tool_calls', { citations: [URL_A] })),
  );
  const { response } = events.at(-1) as { response: { output: { content?: { annotations?: unknown[] }[] }[] } };
  expect(JSON.stringify(response.output)).toContain(URL_A);
});
