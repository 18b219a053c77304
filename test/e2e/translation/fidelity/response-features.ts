/** Features of a response, and the vendors whose golden cases have them. */
import type { ChatCompletion, ChatDelta, ChatUsage } from '../../../../src/translation/pivot/chat.js';
import type { GoldenCase } from '../../../support/translation/golden.js';

/** A whole response, or everything that a stream reported. */
interface Told {
  /** One for a whole response: the message itself. */
  deltas: readonly ChatDelta[];
  finishes: readonly (string | null)[];
  hasLogprobs: boolean;
  usage: ChatUsage | undefined;
}

export interface ResponseFeature {
  name: string;
  isIn: (told: Told) => boolean;
}

const has = (told: Told, test: (delta: ChatDelta) => unknown): boolean => told.deltas.some((delta) => test(delta));
const finished = (reason: string) => (told: Told) => told.finishes.includes(reason);

export const RESPONSE_FEATURES: readonly ResponseFeature[] = [
  { name: 'text', isIn: (told) => has(told, ({ content }) => content) },
  { name: 'a tool call', isIn: (told) => has(told, ({ tool_calls: calls }) => calls?.length) },
  { name: 'parallel tool calls', isIn: (told) => callsIn(told) > 1 },
  { name: 'reasoning', isIn: (told) => has(told, ({ reasoning_content: text }) => text) },
  {
    name: 'data to replay reasoning',
    isIn: (told) =>
      has(
        told,
        ({ reasoning_details: details, tool_calls: calls }) =>
          details?.some((detail) => 'signature' in detail || 'data' in detail || detail.format === 'cohere-chat-v2') ||
          calls?.some(({ extra_content: extra }) => extra?.google?.thought_signature),
      ),
  },
  { name: 'a refusal', isIn: (told) => has(told, ({ refusal }) => refusal) },
  { name: '`finish_reason: stop`', isIn: finished('stop') },
  { name: '`finish_reason: tool_calls`', isIn: finished('tool_calls') },
  { name: '`finish_reason: length`', isIn: finished('length') },
  { name: '`finish_reason: content_filter`', isIn: finished('content_filter') },
  { name: '`logprobs`', isIn: ({ hasLogprobs }) => hasLogprobs },
  { name: 'usage', isIn: ({ usage }) => (usage?.total_tokens ?? 0) > 0 },
  { name: 'cached tokens', isIn: ({ usage }) => (usage?.prompt_tokens_details?.cached_tokens ?? 0) > 0 },
  {
    name: 'tokens written to the cache',
    isIn: ({ usage }) => (usage?.prompt_tokens_details?.cache_write_tokens ?? 0) > 0,
  },
  { name: 'reasoning tokens', isIn: ({ usage }) => (usage?.completion_tokens_details?.reasoning_tokens ?? 0) > 0 },
  { name: 'several choices', isIn: ({ finishes }) => finishes.filter((reason) => reason !== null).length > 1 },
];

const ONE_RESPONSE = '`n` is refused';
const NO_REFUSALS = 'by the finish reason only';

/** Features that a vendor's responses never have, in the order of the features. */
export const TELLS_NONE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Anthropic: { '`logprobs`': 'the vendor has none', 'several choices': ONE_RESPONSE },
  Gemini: { 'a refusal': NO_REFUSALS, 'tokens written to the cache': 'the vendor counts none' },
  Cohere: {
    'a refusal': NO_REFUSALS,
    'tokens written to the cache': 'the vendor counts none',
    'reasoning tokens': 'included in output tokens',
    'several choices': ONE_RESPONSE,
  },
  Bedrock: {
    'a refusal': NO_REFUSALS,
    '`logprobs`': 'Converse has none',
    'reasoning tokens': 'included in output tokens',
    'several choices': ONE_RESPONSE,
  },
};

const callsIn = ({ deltas }: Told): number =>
  new Set(deltas.flatMap(({ tool_calls: calls }) => (calls ?? []).map((call, i) => call.index ?? i))).size;

function wholeOf({ choices, usage }: ChatCompletion): Told {
  return {
    deltas: choices.map(({ message }) => message as ChatDelta),
    finishes: choices.map(({ finish_reason: reason }) => reason),
    hasLogprobs: choices.some(({ logprobs }) => logprobs !== null),
    usage,
  };
}

function streamOf({ chat }: NonNullable<GoldenCase['stream']>): Told {
  const choices = chat.flatMap((chunk) => chunk.choices);
  return {
    deltas: choices.map(({ delta }) => delta),
    finishes: choices.map(({ finish_reason: reason }) => reason),
    hasLogprobs: choices.some(({ logprobs }) => logprobs),
    usage: chat.findLast(({ usage }) => usage)?.usage ?? undefined,
  };
}

/** Returns the kinds of golden cases that show the feature: `whole`, `streamed`. */
export function waysOf({ isIn }: ResponseFeature, cases: readonly GoldenCase[]): string[] {
  return [
    ...(cases.some(({ answer }) => answer && isIn(wholeOf(answer.chat))) ? ['whole'] : []),
    ...(cases.some(({ stream }) => stream && isIn(streamOf(stream))) ? ['streamed'] : []),
  ];
}
