/** The golden cases once more, with the AI SDK's Cohere package beside: every difference is meant and explained. */
import { createCohere } from '@ai-sdk/cohere';
import { goldenCases, streamed, type GoldenCase } from '../../../../test/support/golden.js';
import {
  callOptions,
  type Difference,
  differences,
  type Explained,
  recordingFetch,
  toldByChunks,
  toldByCompletion,
  toldByResult,
  toldByStream,
  unexplained,
} from '../../../../test/support/oracle.js';
import type { JsonObject } from '../chat.js';
import { cohereTranslator } from './cohere.translator.js';

const ANSWER = {
  id: 'x',
  message: { role: 'assistant', content: [] },
  finish_reason: 'COMPLETE',
  usage: { tokens: { input_tokens: 1, output_tokens: 1 } },
};

const joined = (content: unknown): string =>
  typeof content === 'string' ? content : (content as { text?: string }[]).map(({ text }) => text ?? '').join('');
const isAddedByUs = ({ theirs }: Difference): boolean => theirs === undefined;

const REQUESTS: Explained[] = [
  { at: /^strict_tools$|^logprobs$/, because: 'Cohere can do it, and the SDK does not know', when: isAddedByUs },
  {
    at: /^(documents|citation_options|safety_mode|priority)$/,
    because: "Cohere's own members pass",
    when: isAddedByUs,
  },
  {
    at: /^messages\[\d+\]\.tool_plan$/,
    because: 'what was said before calls is the plan; the SDK loses it',
    when: isAddedByUs,
  },
  {
    at: /^messages\[\d+\]\.content$/,
    because: 'reasoning goes back with the calls it led to; the SDK loses it',
    when: ({ ours, theirs }) => theirs === undefined && (ours as JsonObject[])[0]?.['type'] === 'thinking',
  },
  {
    at: /^messages\[\d+\]\.content$/,
    because: 'the same text: the SDK joins its parts, and loses reasoning',
    when: ({ ours, theirs }) => typeof theirs === 'string' && joined(ours) === theirs.replaceAll('\n', ''),
  },
  {
    at: /^messages\[\d+\]\.content$/,
    because: "a tool's result in parts is text to read, which the SDK writes as JSON",
    when: ({ theirs }) => typeof theirs === 'string' && theirs.startsWith('[{"type":'),
  },
  { at: /^messages\[\d+\]\.content\[\d+\]\.image_url\.detail$/, because: 'Cohere knows the detail', when: isAddedByUs },
  { at: /^p$/, because: "Cohere's bound is 0.99", when: ({ ours, theirs }) => ours === 0.99 && theirs === 1 },
  { at: /^k$/, because: "Cohere's bound is 500", when: ({ ours, theirs }) => ours === 500 && theirs === 600 },
  {
    at: /^frequency_penalty$/,
    because: "Cohere's bound is 1",
    when: ({ ours, theirs }) => ours === 1 && Number(theirs) > 1,
  },
  { at: /^presence_penalty$/, because: 'Cohere has no negative ones', when: ({ theirs }) => Number(theirs) < 0 },
  {
    at: /^response_format\.json_schema\.description$/,
    because: 'the model can read it in the schema',
    when: isAddedByUs,
  },
];

/** What cannot be said to the SDK: `allowed_tools`; pictures in a tool's result, which it writes down as text. */
const UNSAID: ReadonlySet<string> = new Set(['allowed-tools.json', 'result-with-image.json']);

const ANSWERS: Explained[] = [
  {
    at: /^calls\[\d+\]\.arguments$/,
    because: 'null for a tool without parameters; whole answers are read so by the SDK too',
    when: ({ theirs }) => theirs === null,
  },
  {
    at: /^usage\.(input|output|cached)$/,
    because: 'ours are the billed units, as in the records; the SDK does not know cached ones',
  },
  {
    at: /^text$/,
    because: 'the SDK loses the plan',
    when: ({ ours, theirs }) => theirs === '' && ours === 'I look both up.',
  },
  {
    at: /^finish$/,
    because: 'an answer with calls waits for their results',
    when: ({ ours, theirs }) => ours === 'tool_calls' && theirs === 'stop',
  },
];

/** What the SDK's schemas refuse to read. */
const UNREAD_ANSWERS: ReadonlySet<string> = new Set(['parallel-tools.json']); // arguments that are null
const UNREAD_STREAMS: ReadonlySet<string> = new Set(['citations.json', 'unbilled-usage.json']); // debug; an end without usage

const cases = goldenCases('cohere');

const modelFor = (golden: GoldenCase, answer: string | Uint8Array, contentType: string) => {
  const { fetch, sent } = recordingFetch(answer, contentType);
  return { model: createCohere({ apiKey: 'k', fetch })(golden.model), sent };
};

const optionsFor = ({ chat, request }: GoldenCase) => {
  const thinking = request?.body['thinking'] as { type: 'enabled' | 'disabled'; token_budget?: number } | undefined;
  if (!thinking) return callOptions(chat!);
  const { type, token_budget: tokenBudget } = thinking;
  return callOptions(chat!, { call: { cohere: { thinking: { type, ...(tokenBudget && { tokenBudget }) } } } });
};

const contextOf = ({ model }: GoldenCase, streaming: boolean) => ({ model, id: 'chatcmpl-1', created: 1, streaming });

describe.each(cases.filter(([file, { request }]) => request && !UNSAID.has(file)))('cohere/%s', (_file, golden) => {
  it('asks for what the AI SDK asks for', async () => {
    const { model, sent } = modelFor(golden, JSON.stringify(ANSWER), 'application/json');
    await model.doGenerate(optionsFor(golden));
    const { path, body } = cohereTranslator.request(golden.chat!, contextOf(golden, false));
    expect(sent[0]!.url).toBe(`https://api.cohere.com/${path}`);
    expect(unexplained(differences(JSON.parse(JSON.stringify(body)), sent[0]!.body), REQUESTS)).toEqual([]);
  });
});

describe.each(cases.filter(([file, { answer }]) => answer && !UNREAD_ANSWERS.has(file)))(
  'cohere/%s',
  (_file, golden) => {
    it('reads the answer as the AI SDK does', async () => {
      const bytes = Buffer.from(JSON.stringify(golden.answer!.vendor));
      const { model } = modelFor(golden, bytes, 'application/json');
      const ours = toldByCompletion(cohereTranslator.answer(bytes, contextOf(golden, false)));
      const theirs = toldByResult(await model.doGenerate(optionsFor(golden)));
      expect(unexplained(differences(ours, theirs), ANSWERS)).toEqual([]);
    });
  },
);

describe.each(cases.filter(([file, { stream }]) => stream && !stream.isCut && !UNREAD_STREAMS.has(file)))(
  'cohere/%s',
  (_file, golden) => {
    it('reads the stream as the AI SDK does', async () => {
      const bytes = Buffer.from((golden.stream!.vendor as string[]).join(''));
      const { model } = modelFor(golden, bytes, 'text/event-stream');
      const ours = toldByChunks(streamed(cohereTranslator, contextOf(golden, true), [bytes]).chunks);
      const theirs = await toldByStream((await model.doStream(optionsFor(golden))).stream);
      expect(unexplained(differences(ours, theirs), ANSWERS)).toEqual([]);
    });
  },
);
