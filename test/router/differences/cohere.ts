/** Where the router's translation to Cohere is another than that of @ai-sdk/cohere, and why. */
import type { JsonObject } from '../../../src/router/translation/chat.js';
import type { Difference, Differences, Explained } from '../../support/oracle.js';

const joined = (content: unknown): string =>
  typeof content === 'string' ? content : (content as { text?: string }[]).map(({ text }) => text ?? '').join('');
const isAddedByUs = ({ theirs }: Difference): boolean => theirs === undefined;

const requests: Explained[] = [
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

const answers: Explained[] = [
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
  {
    at: /^finish$/,
    because: 'an answer broken off as toxic is filtered; the SDK knows no reason for it',
    when: ({ ours, theirs }) => ours === 'content_filter' && theirs === 'other',
  },
];

const refusedByThem = {
  'allowed-tools.json': 'it knows no allowed tools',
  'result-with-image.json': 'it writes pictures in a result down as text',
};

const unreadByThem = {
  'parallel-tools.json': 'whole answers: it takes no arguments that are null',
  'citations.json': 'streams: it takes no debug events',
  'unbilled-usage.json': 'streams: it takes no end without usage',
};

export const cohereDifferences: Differences = { requests, answers, refusedByThem, unreadByThem };
