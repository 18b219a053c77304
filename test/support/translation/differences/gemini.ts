/** Differences between the router's translation to Gemini and that of @ai-sdk/google, with reasons. */
import type { Differences, Explained } from '../oracle.js';

const isNothing = (value: unknown): boolean => value === undefined;
const mentions = (value: unknown, text: string): boolean => (JSON.stringify(value) ?? '').includes(text);

const requests: readonly Explained[] = [
  {
    at: /^generationConfig$/,
    when: ({ ours, theirs }) => isNothing(ours) && JSON.stringify(theirs) === '{}',
    because: 'Without settings ours sends no configuration.',
  },
  {
    at: /^tools\[0\]\.functionDeclarations\[\d+\]\.(?:parameters|parametersJsonSchema)$/,
    because: 'Ours sends JSON Schema in its own member; theirs sends the subset that OpenAPI can express.',
  },
  {
    at: /^tools\[0\]\.functionDeclarations\[\d+\]\.description$/,
    when: ({ ours, theirs }) => isNothing(ours) && theirs === '',
    because: 'A function without a description has none, not an empty one.',
  },
  {
    at: /^toolConfig$/,
    when: ({ ours, theirs }) => isNothing(ours) && mentions(theirs, '"AUTO"'),
    because: 'AUTO is Gemini’s default.',
  },
  {
    at: /^toolConfig\.functionCallingConfig\.allowedFunctionNames|^toolConfig$/,
    when: ({ ours }) => mentions(ours, 'weather'),
    because: 'The SDK does not support allowed tools.',
  },
  {
    at: /^generationConfig\.(?:responseSchema|responseJsonSchema)$/,
    because: 'As for tools: JSON Schema.',
  },
  {
    at: /^generationConfig\.(?:candidateCount|responseLogprobs|logprobs)$/,
    when: ({ theirs }) => isNothing(theirs),
    because: 'The SDK requests one candidate and no log probabilities.',
  },
  {
    at: /^generationConfig\.thinkingConfig\.thinkingLevel$/,
    when: ({ ours, theirs }) => (ours as string).toLowerCase() === theirs,
    because: 'The levels are the same in upper case, as Google’s SDK writes them and Vertex requires them.',
  },
  {
    at: /^contents\[\d+\]\.parts\[\d+\]\.functionResponse\.response\.(?:output|name|content)$/,
    because: 'Ours puts the result where the API documents it (`output`); theirs uses two members of its own.',
  },
  {
    at: /^contents\[\d+\]\.parts\[\d+\]\.functionResponse\.id$/,
    when: ({ ours, theirs }) => [ours, theirs].sort().join() === 'a,b',
    because: 'Ours orders results by their calls, not by the messages.',
  },
  {
    at: /^contents\[\d+\]\.parts\[\d+\](?:\.text|\.thoughtSignature)?$/,
    when: ({ ours }) => mentions(ours, 'sig-') || mentions(ours, '7 × 13') || ours === 'No, ',
    because: 'The comparison cannot pass the signature of a text to the SDK: Chat has no member for it.',
  },
  {
    at: /^contents\[6\]\.parts/,
    when: ({ ours }) => mentions(ours, 'audio/mp3'),
    because: 'Audio is not allowed in a result; the SDK sends it there.',
  },
  {
    at: /^contents\[6\]\.parts\[0\]\.functionResponse\.parts/,
    because: 'As above: theirs includes the audio.',
  },
  {
    at: /^generationConfig\.(?:seed|presencePenalty|frequencyPenalty)$/,
    when: ({ ours }) => isNothing(ours),
    because: 'A seed of more than 32 bits, and penalties this model refuses, are left out and named.',
  },
  {
    at: /^contents\[0\]\.parts\[\d+\]/,
    when: ({ theirs, ours }) => mentions([ours, theirs], 'Be brief.'),
    because: 'For a Gemma without system instructions both put them first: theirs as one text with blank lines.',
  },
  {
    at: /^systemInstruction\.parts/,
    when: ({ theirs, ours }) => mentions([ours, theirs], 'Be kind.'),
    because: 'A developer message of two parts stays two parts.',
  },
  {
    at: /^contents\[2\]\.parts\[2\]$/,
    when: ({ ours, theirs }) => isNothing(ours) && mentions(theirs, '"cloudy"'),
    because: 'A result of two texts stays one: theirs sends two for models before Gemini 3, more than there are calls.',
  },
];

const answers: readonly Explained[] = [
  {
    at: /^finish$/,
    when: ({ ours, theirs }) => ours === 'stop' && theirs === 'error',
    because: 'Chat has no such finish reason: ours reports the error next to the choices.',
  },
];

const refusedByThem: Readonly<Record<string, string>> = {
  'media.json': 'it does not accept URLs other than https, and text that is not base64',
};

const unreadByThem: Readonly<Record<string, string>> = {
  'stream-tools.json': 'it assigns each event to the first candidate',
  'stream-logprobs.json': 'it ignores events without content and index of a candidate',
};

export const geminiDifferences: Differences = { requests, answers, refusedByThem, unreadByThem };
