/** Where the router's translation to Bedrock's Converse is another than that of @ai-sdk/amazon-bedrock, and why. */
import type { Differences, Explained } from '../../support/oracle.js';

const holds = (value: unknown, text: string): boolean => (JSON.stringify(value) ?? '').includes(text);

const requests: readonly Explained[] = [
  { at: /^system$/, because: 'an empty list says nothing', when: ({ ours, theirs }) => !ours && holds(theirs, '[]') },
  { at: /^additionalModelResponseFieldPaths$/, because: 'which stop sequence it was has no place in Chat' },
  {
    at: /^(?:system|messages|toolConfig)/,
    because: 'cache points are marked in Chat by a member that the SDK is not given; what follows moves on by one',
    when: ({ ours, theirs }) =>
      holds(ours, 'cachePoint') ||
      holds(ours, 'Sum it up') ||
      holds(theirs, 'Sum it up') ||
      holds(ours, '{"type":"default"}'),
  },
  {
    at: /^system\[0\]$/,
    because: 'any JSON is asked for in words: the SDK does not ask',
    when: ({ ours }) => holds(ours, 'one JSON object'),
  },
  {
    at: /^inferenceConfig$/,
    because: 'Converse has no topK: models that have one take it among their own fields',
    when: ({ theirs }) => holds(theirs, 'topK'),
  },
  { at: /^additionalModelRequestFields\.inferenceConfig$/, because: 'where Nova takes topK' },
  {
    at: /^inferenceConfig\.maxTokens$/,
    because: "Chat's limit holds thinking too: the SDK adds the budget to it",
    when: ({ ours, theirs }) => (ours as number) < (theirs as number),
  },
  {
    at: /^toolConfig\.tools\[0\]\.toolSpec\.(?:name|description)$/,
    because: 'the tool that holds the answer has a name of its own',
    when: ({ theirs }) => theirs === 'json' || theirs === 'Respond with a JSON object.',
  },
  {
    at: /^toolConfig\.toolChoice\.(?:any|tool)$/,
    because: 'the only tool is demanded by its name',
    when: ({ ours, theirs }) => holds(ours ?? theirs, 'json_answer') || holds(theirs, '{}'),
  },
  { at: /toolSpec\.strict$/, because: 'for models that are not known to keep to it, it is named as dropped' },
  {
    at: /\.toolUseId$/,
    because: 'AWS refuses ids with other characters than its own, which other vendors have',
    when: ({ ours, theirs }) => ours === 'call00001' && theirs === 'call|7',
  },
  {
    at: /^messages\[2\]\.content\[[12]\]/,
    because: 'results come before what the user says, wherever they stand in Chat',
    when: ({ ours, theirs }) => [ours, theirs].some((value) => holds(value, 'tooluse_b2') || holds(value, 'Well?')),
  },
  {
    at: /^messages\[[12]\]/,
    because: 'where no tool may be called, calls are told in words: the SDK leaves them out',
    when: ({ ours }) => holds(ours, '<tool_call') || holds(ours, '<tool_result'),
  },
  { at: /\.document\.name$/, because: 'names are brought to the characters that AWS allows, and none comes twice' },
  {
    at: /^messages\[0\]\.content\[3\]$/,
    because: 'AWS refuses documents without a text beside them',
    when: ({ ours }) => holds(ours, 'See the documents.'),
  },
  {
    at: /\.document\.source\.bytes$/,
    because: 'a data URL need not be base64',
    when: ({ ours, theirs }) => ours === 'YTti' && theirs === 'a%3Bb',
  },
];

const answers: readonly Explained[] = [
  {
    at: /^text$/,
    because: 'what is said beside the tool that holds the answer is no part of it',
    when: ({ ours, theirs }) => holds(theirs, 'Here') && (theirs as string).endsWith(ours as string),
  },
  { at: /^finish$/, because: 'Chat knows no end for a stream that was cut', when: ({ theirs }) => theirs === 'other' },
];

const refusedByThem: Readonly<Record<string, string>> = {
  'audio.json': 'it takes no sounds',
  'conversation.json': 'it takes instructions at the beginning only',
};

export const bedrockDifferences: Differences = { requests, answers, refusedByThem, unreadByThem: {} };
