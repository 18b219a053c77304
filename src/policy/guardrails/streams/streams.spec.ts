/** Promise: a stream is checked across its pieces, keeps its events, and is held back no longer than necessary. */
import type { DetectingGuardrail, GuardrailAction } from '../../../orgs/llm-proxies/policy/guardrail.js';
import type { DialectId } from '../../../providers/dialects/base/dialect.js';
import { getDialect } from '../../../providers/dialects/registry.js';
import { decodeFrame, encodeFrame, EventStreamSplitter } from '../../../providers/wire/event-stream.js';
import { GuardrailRun } from '../guardrail-run.js';
import { removeLogprobs } from '../text/log-probabilities.js';
import type { StreamGuardrails } from './guardrails.js';

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Json = Record<string, any>;

const CARD = '4111 1111 1111 1111';
const KEY = `-----BEGIN PRIVATE KEY-----\n${'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcw\n'.repeat(20)}-----END PRIVATE KEY-----`;

function screening(action: GuardrailAction, ...detectors: DetectingGuardrail['detector'][]): GuardrailRun {
  const guardrails = detectors.map((detector) => ({
    name: detector,
    detector,
    on: 'answer' as const,
    action,
    pattern: 'PRJ-\\d{4}',
  }));
  return GuardrailRun.create({ guardrails })!;
}

function screenOf(of: GuardrailRun, dialect: DialectId, contentType = 'text/event-stream'): StreamGuardrails {
  return of.createStreamGuardrails(
    { contentType, contentEncoding: null, isStreamed: true, isArrayStream: false, isLineStream: true },
    getDialect(dialect),
  ) as StreamGuardrails;
}

const sse = (event: unknown, type?: string): string =>
  `${type ? `event: ${type}\n` : ''}data: ${JSON.stringify(event)}\n\n`;

const jsonLine = (event: unknown): string => `${JSON.stringify(event)}\n`;

/** How each format streams pieces of a text, and where a reader finds them. */
interface Language {
  dialect: DialectId;
  /** Only for a stream of JSON lines. */
  contentType?: string;
  before: Json[];
  piece: (text: string) => Json;
  after: (text: string) => Json[];
  read: (event: Json) => string;
}

const LANGUAGES: Record<string, Language> = {
  'Chat Completions': {
    dialect: 'openai',
    before: [{ id: 'c', choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }] }],
    piece: (content) => ({ id: 'c', choices: [{ index: 0, delta: { content }, finish_reason: null }] }),
    after: () => [
      { id: 'c', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
      { id: 'c', choices: [], usage: { total_tokens: 3 } },
    ],
    read: (event) => event['choices'][0]?.delta.content ?? '',
  },
  'the arguments of a tool in Chat Completions': {
    dialect: 'openai',
    before: [
      {
        choices: [{ index: 0, delta: { tool_calls: [{ index: 1, id: 't', function: { name: 'f', arguments: '' } }] } }],
      },
    ],
    piece: (text) => ({
      choices: [{ index: 0, delta: { tool_calls: [{ index: 1, function: { arguments: text } }] } }],
    }),
    after: () => [{ choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] }],
    read: (event) => event['choices'][0]?.delta.tool_calls?.[0].function.arguments ?? '',
  },
  Responses: {
    dialect: 'openai',
    before: [{ type: 'response.created', sequence_number: 0, response: { id: 'r', output: [] } }],
    piece: (delta) => ({ type: 'response.output_text.delta', item_id: 'm', output_index: 0, content_index: 0, delta }),
    after: (text) => [
      { type: 'response.output_text.done', item_id: 'm', output_index: 0, content_index: 0, text },
      { type: 'response.completed', response: { id: 'r', output: [{ content: [{ type: 'output_text', text }] }] } },
    ],
    read: (event) => event['delta'] ?? '',
  },
  Messages: {
    dialect: 'anthropic',
    before: [
      { type: 'message_start', message: { id: 'm' } },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    ],
    piece: (text) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }),
    after: () => [
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' } },
      { type: 'message_stop' },
    ],
    read: (event) => event['delta']?.text ?? '',
  },
  'the input of a tool in Messages': {
    dialect: 'anthropic',
    before: [{ type: 'content_block_start', index: 2, content_block: { type: 'tool_use', id: 't', input: {} } }],
    piece: (text) => ({
      type: 'content_block_delta',
      index: 2,
      delta: { type: 'input_json_delta', partial_json: text },
    }),
    after: () => [{ type: 'content_block_stop', index: 2 }],
    read: (event) => event['delta']?.partial_json ?? '',
  },
  Gemini: {
    dialect: 'gemini',
    before: [],
    piece: (text) => ({ candidates: [{ content: { parts: [{ text }], role: 'model' }, index: 0 }] }),
    after: () => [{ candidates: [{ content: { parts: [] }, finishReason: 'STOP', index: 0 }] }],
    read: (event) => event['candidates'][0].content.parts[0]?.text ?? '',
  },
  Cohere: {
    dialect: 'cohere',
    before: [
      { type: 'message-start', id: 'x' },
      { type: 'content-start', index: 0, delta: { message: { content: { type: 'text', text: '' } } } },
    ],
    piece: (text) => ({ type: 'content-delta', index: 0, delta: { message: { content: { text } } } }),
    after: () => [
      { type: 'content-end', index: 0 },
      { type: 'message-end', delta: { finish_reason: 'COMPLETE' } },
    ],
    read: (event) => event['delta']?.message?.content?.text ?? '',
  },
  'Cohere, version 1': {
    dialect: 'cohere',
    contentType: 'application/stream+json',
    before: [{ is_finished: false, event_type: 'stream-start', generation_id: 'g' }],
    piece: (text) => ({ is_finished: false, event_type: 'text-generation', text }),
    after: (text) => [
      { is_finished: false, event_type: 'citation-generation', citations: [] },
      { is_finished: true, event_type: 'stream-end', finish_reason: 'COMPLETE', response: { text } },
    ],
    read: (event) => event['text'] ?? '',
  },
  'the parameters of a tool in Cohere, version 1': {
    dialect: 'cohere',
    contentType: 'application/stream+json',
    before: [{ is_finished: false, event_type: 'tool-calls-chunk', tool_call_delta: { index: 0, name: 'f' } }],
    piece: (parameters) => ({
      ...{ is_finished: false, event_type: 'tool-calls-chunk', tool_call_delta: { index: 0, parameters } },
    }),
    after: () => [{ is_finished: true, event_type: 'stream-end', finish_reason: 'COMPLETE', response: { text: '' } }],
    read: (event) => event['tool_call_delta']?.parameters ?? '',
  },
  'Ollama’s chat': {
    dialect: 'ollama',
    contentType: 'application/x-ndjson',
    before: [],
    piece: (content) => ({ model: 'm', message: { role: 'assistant', content }, done: false }),
    after: () => [{ model: 'm', message: { role: 'assistant', content: '' }, done: true, eval_count: 3 }],
    read: (event) => event['message'].content,
  },
  'thoughts in Ollama’s generate': {
    dialect: 'ollama',
    contentType: 'application/x-ndjson',
    before: [],
    piece: (thinking) => ({ model: 'm', response: '', thinking, done: false }),
    after: () => [{ model: 'm', response: '', done: true, context: [1] }],
    read: (event) => event['thinking'] ?? '',
  },
};

const eventsOf = (stream: string): Json[] =>
  (stream.startsWith('{') ? stream.replace(/^/gm, 'data: ').replaceAll('\n', '\n\n') : stream)
    .split('\n\n')
    .filter((event) => event.includes('data: {'))
    .map((event) => JSON.parse(event.slice(event.indexOf('data: ') + 6)) as Json);

function run(screen: StreamGuardrails, chunks: readonly string[]): { shown: string; steps: string[] } {
  const steps = chunks.map((chunk) => String(screen.push(Buffer.from(chunk))));
  steps.push(String(screen.end()));
  return { shown: steps.join(''), steps };
}

const cutAt = (text: string, size: number): string[] => text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];

describe.each(Object.entries(LANGUAGES))(
  'stream guardrails for %s',
  (format, { dialect, contentType, before, piece, after, read }) => {
    const chunks = (pieces: readonly string[]): string[] =>
      [...before, ...pieces.map(piece), ...after(pieces.join(''))].map((event) =>
        contentType === undefined ? sse(event, event['type']) : jsonLine(event),
      );

    it.each([1, 2, 3, 7, 100])(
      `a stream of ${format} in pieces of %i characters is redacted and keeps all its events`,
      (size) => {
        const of = screening('redact', 'credit_card', 'email', 'private_key', 'phone', 'iban', 'us_ssn', 'secret');
        const sent = chunks(cutAt(`Take ${CARD}, or ask anna@example.com. So: ${KEY} Done.`, size));
        const { shown } = run(screenOf(of, dialect, contentType), sent);
        const events = eventsOf(shown);
        expect(events.map(read).join('')).toBe('Take [credit card], or ask [e-mail]. So: [private key] Done.');
        expect(events).toHaveLength(sent.length);
        expect(shown).not.toContain('4111 1111 1111');
        expect([...of.names].sort()).toEqual(['credit_card', 'email', 'private_key']);
        expect(of.decisions.map(({ offset, length }) => [offset, length])).toEqual([
          [5, CARD.length],
          [33, 'anna@example.com'.length],
          [55, KEY.length],
        ]);
      },
    );

    it(`a stream of ${format} without findings passes byte for byte`, () => {
      const sent = chunks(['The ', 'gate ', 'is 24 ', 'm wide', ', as ', 'they say.']);
      expect(
        run(screenOf(screening('redact', 'credit_card', 'email', 'secret', 'phone'), dialect, contentType), sent).shown,
      ).toBe(sent.join(''));
    });

    it(`a stream of ${format} is delayed by one word at most`, () => {
      const words =
        'Every gate has a keeper who knows all that came and went since the morning of the day before .'.split(/(?= )/);
      const sent = chunks(words);
      const screen = screenOf(
        screening('block', 'credit_card', 'email', 'private_key', 'phone', 'iban', 'us_ssn', 'secret'),
        dialect,
        contentType,
      );
      sent.forEach((chunk, i) => {
        const shown = String(screen.push(chunk));
        if (i > before.length && i < sent.length - after('').length)
          expect([i, eventsOf(shown).length]).toEqual([i, 1]);
      });
    });

    it(`a stream of ${format} ends before text that a guardrail blocks`, () => {
      const screen = screenOf(screening('block', 'credit_card'), dialect, contentType);
      const { shown } = run(screen, chunks(['Hello. ', 'Take 41', '11 1111 11', '11 1111', ' now', ' and more']));
      expect(screen.blocked?.rule.name).toBe('credit_card');
      expect(eventsOf(shown).map(read).join('')).toBe('Hello. ');
    });

    it(`a flagged stream of ${format} passes unchanged and is recorded without the matched text`, () => {
      const of = screening('flag', 'credit_card', 'pattern');
      const sent = chunks(cutAt(`Take ${CARD} for PRJ-1234 now`, 4));
      expect(run(screenOf(of, dialect, contentType), sent).shown).toBe(sent.join(''));
      expect(of.decisions.map(({ guardrail, action, on }) => [guardrail, action, on])).toEqual([
        ['credit_card', 'flag', 'answer'],
        ['pattern', 'flag', 'answer'],
      ]);
      expect(JSON.stringify(of.decisions)).not.toContain('4111');
    });
  },
);

const chat = LANGUAGES['Chat Completions']!;

it('the texts of several choices are checked separately', () => {
  const at = (index: number, content: string): string => sse({ choices: [{ index, delta: { content } }] });
  const { shown } = run(screenOf(screening('redact', 'credit_card'), 'openai'), [
    at(0, '4111 1111 '),
    at(1, 'five '),
    at(0, '1111 1111'),
    at(1, 'six'),
    'data: [DONE]\n\n',
  ]);
  const texts = ['', ''];
  for (const { choices } of eventsOf(shown)) texts[choices[0].index] += choices[0].delta.content;
  expect(texts).toEqual(['[credit card]', 'five six']);
  expect(shown.endsWith('data: [DONE]\n\n')).toBe(true);
});

it('the repeated text of Responses is redacted but recorded once', () => {
  const of = screening('redact', 'credit_card');
  const { piece, after } = LANGUAGES['Responses']!;
  const { shown } = run(
    screenOf(of, 'openai'),
    [piece('It is 4111 1111'), piece(' 1111 1111'), ...after(`It is ${CARD}`)].map((event) => sse(event)),
  );
  expect(shown.match(/\[credit card\]/g)).toHaveLength(3);
  expect(shown).not.toContain('1111');
  expect(of.decisions).toHaveLength(1);
});

it('redacted tool arguments remain valid JSON', () => {
  const of = screening('redact', 'credit_card', 'email');
  const written = JSON.stringify({ card: 4111111111111111, to: 'a\nanna@example.com', note: `\n${CARD}` });
  for (const size of [1, 4, 1_000]) {
    const sent = cutAt(written, size).map((text) =>
      sse({ type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: text } }),
    );
    const { shown } = run(screenOf(of, 'anthropic'), sent);
    const input = eventsOf(shown)
      .map(({ delta }) => delta.partial_json)
      .join('');
    expect(JSON.parse(input)).toEqual({ card: '[credit card]', to: 'a\n[e-mail]', note: '\n[credit card]' });
  }
});

it('redaction of a text removes its log probabilities', () => {
  const event = { choices: [{ index: 0, delta: { content: `${CARD}!` }, logprobs: { content: [{ token: '4111' }] } }] };
  const { shown } = run(screenOf(screening('redact', 'credit_card'), 'openai'), [sse(event)]);
  expect(eventsOf(shown)[0]).toEqual({ choices: [{ index: 0, delta: { content: '[credit card]!' }, logprobs: null }] });
});

it('an SSE stream is checked for any chunk size, and comments pass immediately', () => {
  const stream = [
    ': hello\r\n\r\n',
    ...['Grüße: 4111 1111', ' 1111 1111', ' 👋'].map((text) => `data: ${JSON.stringify(chat.piece(text))}\r\n\r\n`),
  ].join('');
  for (const size of [1, 2, 5, 1_000]) {
    const screen = screenOf(screening('redact', 'credit_card'), 'openai');
    const bytes = Buffer.from(stream);
    let shown = '';
    for (let at = 0; at < bytes.length; at += size) shown += String(screen.push(bytes.subarray(at, at + size)));
    shown += String(screen.end());
    expect(shown.replaceAll('\r\n', '\n').split('\n\n')[0]).toBe(': hello');
    expect(eventsOf(shown.replaceAll('\r\n', '\n')).map(chat.read).join('')).toBe('Grüße: [credit card] 👋');
  }
  const waiting = screenOf(screening('redact', 'credit_card'), 'openai');
  expect(waiting.push(sse(chat.piece('4111 ')))).toBe('');
  expect(waiting.push(': keep-alive\n\n')).toBe(': keep-alive\n\n');
  expect(waiting.push(': keep-alive\n')).toBe(': keep-alive\n');
  expect(waiting.push(`: keep-alive\n${sse(chat.piece('1111 '))}: ke`)).toBe(': keep-alive\n');
  expect(waiting.push('ep-alive\n')).toBe(': keep-alive\n');
});

it('a JSON lines stream is checked for any chunk size, including a line that is not JSON', () => {
  const { piece, read } = LANGUAGES['Ollama’s chat']!;
  const lines = ['Grüße: 4111 1111', ' 1111 1111', ' 👋'].map((text) => JSON.stringify(piece(text)));
  const bytes = Buffer.from(`${lines.join('\r\n')}\r\n\r\nnot JSON: ${CARD}`);
  for (const size of [1, 2, 5, 1_000]) {
    const screen = screenOf(screening('redact', 'credit_card'), 'ollama', 'application/x-ndjson');
    let shown = '';
    for (let at = 0; at < bytes.length; at += size) shown += String(screen.push(bytes.subarray(at, at + size)));
    shown += String(screen.end());
    const [first, second, third, plain] = shown.split('\n').filter((line) => line.trim() !== '');
    expect([first, second, third].map((line) => read(JSON.parse(line!) as Json)).join('')).toBe(
      'Grüße: [credit card] 👋',
    );
    expect(plain).toBe('not JSON: [credit card]');
    expect(shown.match(/\r\n/g)).toHaveLength(4);
  }
});

it('a rewritten event keeps the spelling of numbers', () => {
  const args = '{"order":9007199254740993,"price":1.0}';
  const parts = `[{"text":"Card ${CARD} is paid. "},{"functionCall":{"name":"f","args":${args}}}]`;
  const event = `data: {"candidates":[{"index":0,"content":{"parts":${parts}},"finishReason":"STOP"}]}\n\n`;
  const { shown } = run(screenOf(screening('redact', 'credit_card'), 'gemini'), [event]);
  expect(shown).toContain('[credit card] is paid');
  expect(shown).toContain(`"args":${args}`);
});

it('removing log probabilities from a response keeps the spelling of numbers', () => {
  const json = `{"choices":[{"message":{"content":"x"},"logprobs":{"content":[{"token":"x","logprob":-1e-05}]}}],"n":9007199254740993,"p":1.0}`;
  expect(removeLogprobs(json)).toBe(
    '{"choices":[{"message":{"content":"x"},"logprobs":null}],"n":9007199254740993,"p":1.0}',
  );
});

describe('AWS event stream frames', () => {
  const frames = (screen: StreamGuardrails, sent: readonly Buffer[]): { name: string; payload: Json }[] => {
    const found: { name: string; payload: Json }[] = [];
    const splitter = new EventStreamSplitter((bytes) => {
      const { name, payload } = decodeFrame(bytes);
      found.push({ name, payload: JSON.parse(payload.toString()) as Json });
    });
    for (const bytes of sent) splitter.push(screen.push(bytes) as Buffer);
    splitter.push(screen.end() as Buffer);
    return found;
  };
  const type = 'application/vnd.amazon.eventstream';

  it('Converse frames are redacted', () => {
    const sent = [
      encodeFrame('event', 'messageStart', { role: 'assistant' }),
      ...['It is 4111 ', '1111 1111 1111', ' now'].map((text) =>
        encodeFrame('event', 'contentBlockDelta', { contentBlockIndex: 0, delta: { text } }),
      ),
      encodeFrame('event', 'contentBlockStop', { contentBlockIndex: 0 }),
    ];
    const found = frames(screenOf(screening('redact', 'credit_card'), 'bedrock', type), sent);
    expect(found.map(({ name }) => name)).toEqual([
      'messageStart',
      'contentBlockDelta',
      'contentBlockDelta',
      'contentBlockDelta',
      'contentBlockStop',
    ]);
    expect(found.map(({ payload }) => payload['delta']?.text ?? '').join('')).toBe('It is [credit card] now');
  });

  it("InvokeModel frames with a vendor's events are redacted", () => {
    const sent = ['It is 4111 ', '1111 1111 1111', ' now'].map((text) => {
      const event = { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } };
      return encodeFrame('event', 'chunk', { bytes: Buffer.from(JSON.stringify(event)).toString('base64'), p: 'abc' });
    });
    const found = frames(screenOf(screening('redact', 'credit_card'), 'bedrock', type), sent);
    const texts = found.map(
      ({ payload }) =>
        (JSON.parse(Buffer.from(payload['bytes'] as string, 'base64').toString()) as Json)['delta'].text as string,
    );
    expect(texts.join('')).toBe('It is [credit card] now');
  });
});
