/**
 * Differences between the router's translation to Bedrock's Converse and that of @ai-sdk/amazon-bedrock, with reasons.
 */
import type { Differences, Explained } from '../oracle.js';

const holds = (value: unknown, text: string): boolean => (JSON.stringify(value) ?? '').includes(text);

const requests: readonly Explained[] = [
  { at: /^system$/, because: 'an empty list has no meaning', when: ({ ours, theirs }) => !ours && holds(theirs, '[]') },
  { at: /^additionalModelResponseFieldPaths$/, because: 'Chat has no member for the stop sequence that matched' },
  {
    at: /^(?:system|messages|toolConfig)/,
    because:
      'Chat marks cache points by a member that the comparison does not pass to the SDK; later items move by one',
    when: ({ ours, theirs }) =>
      holds(ours, 'cachePoint') ||
      holds(ours, 'Sum it up') ||
      holds(theirs, 'Sum it up') ||
      holds(ours, '{"type":"default"}'),
  },
  {
    at: /^system\[0\]$/,
    because: 'ours asks for JSON in text; the SDK does not',
    when: ({ ours }) => holds(ours, 'one JSON object'),
  },
  {
    at: /^inferenceConfig$/,
    because: 'Converse has no topK; models that support it take it in their own fields',
    when: ({ theirs }) => holds(theirs, 'topK'),
  },
  { at: /^additionalModelRequestFields\.inferenceConfig$/, because: 'the member where Nova takes topK' },
  {
    at: /^inferenceConfig\.maxTokens$/,
    because: 'the limit of Chat includes thinking; the SDK adds the budget to it',
    when: ({ ours, theirs }) => (ours as number) < (theirs as number),
  },
  {
    at: /^toolConfig\.tools\[0\]\.toolSpec\.(?:name|description)$/,
    because: 'the tool for the JSON response has a name of its own',
    when: ({ theirs }) => theirs === 'json' || theirs === 'Respond with a JSON object.',
  },
  {
    at: /^toolConfig\.toolChoice\.(?:any|tool)$/,
    because: 'the only tool is required by its name',
    when: ({ ours, theirs }) => holds(ours ?? theirs, 'json_answer') || holds(theirs, '{}'),
  },
  { at: /toolSpec\.strict$/, because: 'for models without known support it is dropped and named' },
  {
    at: /\.toolUseId$/,
    because: 'AWS refuses characters that ids of other vendors contain',
    when: ({ ours, theirs }) => ours === 'call00001' && theirs === 'call|7',
  },
  {
    at: /^messages\[2\]\.content\[[12]\]/,
    because: 'results precede the text of the user, regardless of their position in Chat',
    when: ({ ours, theirs }) => [ours, theirs].some((value) => holds(value, 'tooluse_b2') || holds(value, 'Well?')),
  },
  {
    at: /^messages\[[12]\]/,
    because: 'if no tool may be called, earlier calls become text; the SDK omits them',
    when: ({ ours }) => holds(ours, '<tool_call') || holds(ours, '<tool_result'),
  },
  { at: /\.document\.name$/, because: 'names are reduced to the characters that AWS allows, and made unique' },
  {
    at: /^messages\[0\]\.content\[3\]$/,
    because: 'AWS refuses documents without text in the same message',
    when: ({ ours }) => holds(ours, 'See the documents.'),
  },
  {
    at: /\.document\.source\.bytes$/,
    because: 'a data URL can also be percent-encoded text',
    when: ({ ours, theirs }) => ours === 'YTti' && theirs === 'a%3Bb',
  },
];

const answers: readonly Explained[] = [
  {
    at: /^text$/,
    because: 'text next to the tool for the JSON response is not part of it',
    when: ({ ours, theirs }) => holds(theirs, 'Here') && (theirs as string).endsWith(ours as string),
  },
  {
    at: /^finish$/,
    because: 'Chat has no finish reason for a stream that was cut',
    when: ({ theirs }) => theirs === 'other',
  },
];

const refusedByThem: Readonly<Record<string, string>> = {
  'audio.json': 'it accepts no audio',
  'conversation.json': 'it accepts instructions at the beginning only',
};

export const bedrockDifferences: Differences = { requests, answers, refusedByThem, unreadByThem: {} };
