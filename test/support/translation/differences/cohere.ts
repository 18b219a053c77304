/** Differences between the router's translation to Cohere and that of @ai-sdk/cohere, with reasons. */
import type { JsonObject } from '../../../../src/translation/pivot/chat.js';
import type { Difference, Differences, Explained } from '../oracle.js';

const joined = (content: unknown): string =>
  typeof content === 'string' ? content : (content as { text?: string }[]).map(({ text }) => text ?? '').join('');
const isAddedByUs = ({ theirs }: Difference): boolean => theirs === undefined;

const requests: Explained[] = [
  { at: /^strict_tools$|^logprobs$/, because: 'Cohere supports it, the SDK does not', when: isAddedByUs },
  {
    at: /^(documents|citation_options|safety_mode|priority)$/,
    because: "Cohere's own members pass",
    when: isAddedByUs,
  },
  {
    at: /^messages\[\d+\]\.tool_plan$/,
    because: 'text before calls is the plan; the SDK loses it',
    when: isAddedByUs,
  },
  {
    at: /^messages\[\d+\]\.content$/,
    because: 'reasoning is replayed with its calls; the SDK loses it',
    when: ({ ours, theirs }) => theirs === undefined && (ours as JsonObject[])[0]?.['type'] === 'thinking',
  },
  {
    at: /^messages\[\d+\]\.content$/,
    because: 'the same text: the SDK joins its parts, and loses reasoning',
    when: ({ ours, theirs }) => typeof theirs === 'string' && joined(ours) === theirs.replaceAll('\n', ''),
  },
  {
    at: /^messages\[\d+\]\.content$/,
    because: 'a tool result in parts is plain text; the SDK sends it as JSON',
    when: ({ theirs }) => typeof theirs === 'string' && theirs.startsWith('[{"type":'),
  },
  {
    at: /^messages\[\d+\]\.content\[\d+\]\.image_url\.detail$/,
    because: 'Cohere supports the detail',
    when: isAddedByUs,
  },
  { at: /^p$/, because: "Cohere's bound is 0.99", when: ({ ours, theirs }) => ours === 0.99 && theirs === 1 },
  { at: /^k$/, because: "Cohere's bound is 500", when: ({ ours, theirs }) => ours === 500 && theirs === 600 },
  {
    at: /^frequency_penalty$/,
    because: "Cohere's bound is 1",
    when: ({ ours, theirs }) => ours === 1 && Number(theirs) > 1,
  },
  { at: /^presence_penalty$/, because: 'Cohere accepts no negative values', when: ({ theirs }) => Number(theirs) < 0 },
  {
    at: /^response_format\.json_schema\.description$/,
    because: 'the model can read it in the schema',
    when: isAddedByUs,
  },
];

const answers: Explained[] = [
  {
    at: /^calls\[\d+\]\.arguments$/,
    because: 'null for a tool without parameters; the SDK reads whole responses in the same way',
    when: ({ theirs }) => theirs === null,
  },
  {
    at: /^usage\.(input|output|cached)$/,
    because: 'ours are the billed units, as in the records; the SDK does not read cached tokens',
  },
  {
    at: /^text$/,
    because: 'the SDK loses the plan',
    when: ({ ours, theirs }) => theirs === '' && ours === 'I look both up.',
  },
  {
    at: /^finish$/,
    because: 'a response with calls waits for their results',
    when: ({ ours, theirs }) => ours === 'tool_calls' && theirs === 'stop',
  },
  {
    at: /^finish$/,
    because: 'a response that was ended as toxic is filtered; the SDK has no finish reason for it',
    when: ({ ours, theirs }) => ours === 'content_filter' && theirs === 'other',
  },
];

const refusedByThem = {
  'allowed-tools.json': 'it does not support allowed tools',
  'result-with-image.json': 'it serializes images in a result as text',
};

const unreadByThem = {
  'parallel-tools.json': 'whole responses: it rejects arguments that are null',
  'citations.json': 'streams: it rejects debug events',
  'unbilled-usage.json': 'streams: it rejects a final event without usage',
};

export const cohereDifferences: Differences = { requests, answers, refusedByThem, unreadByThem };
