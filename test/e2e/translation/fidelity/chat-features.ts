/** The features of a Chat request. */
import { type ChatFeature, holds, matches, THINKING, tool } from './chat-feature.js';
import { conversationFeatures } from './conversation-features.js';
import { toolFeatures } from './tool-features.js';

/** For features that no vendor keeps, unless a vendor's entry overrides it. */
const never = (): boolean => false;

const SCHEMA = {
  type: 'object',
  properties: { berth: { type: 'string' } },
  required: ['berth'],
  additionalProperties: false,
};

/** How the form of the response is enforced. */
const heldBy = (wire: string): string =>
  /responseMimeType|json_object|json_schema"/.test(wire) ? '' : /json_answer/.test(wire) ? 'by a tool' : 'in words';

const sampling: readonly ChatFeature[] = [
  { name: '`max_tokens`', chat: { max_tokens: 4321 }, isKept: holds('4321') },
  { name: '`max_completion_tokens`', chat: { max_completion_tokens: 4321 }, isKept: holds('4321') },
  { name: '`temperature`', chat: { temperature: 0.31 }, isKept: holds('0.31') },
  { name: '`temperature` above 1', chat: { temperature: 1.7 }, isKept: matches(/1\.7|temperature":1\b/) },
  { name: '`top_p`', chat: { top_p: 0.83 }, isKept: holds('0.83') },
  { name: '`temperature` and `top_p`', chat: { temperature: 0.31, top_p: 0.83 }, isKept: holds('0.31', '0.83') },
  { name: '`top_k`', chat: { top_k: 37 }, isKept: holds('37') },
  { name: '`presence_penalty`', chat: { presence_penalty: 0.41 }, isKept: holds('0.41') },
  { name: '`frequency_penalty`', chat: { frequency_penalty: 0.43 }, isKept: holds('0.43') },
  { name: 'penalties above 1', chat: { frequency_penalty: 1.43 }, isKept: matches(/1\.43|_penalty":1\b/) },
  { name: 'penalties below 0', chat: { presence_penalty: -0.47 }, isKept: holds('-0.47') },
  { name: '`seed`', chat: { seed: 4711 }, isKept: holds('4711') },
  { name: '`seed` of more than 32 bits', chat: { seed: 2 ** 40 + 1 }, isKept: holds(String(2 ** 40 + 1)) },
  { name: '`stop`, one', chat: { stop: 'END-1' }, isKept: holds('END-1') },
  {
    name: '`stop`, five',
    chat: { stop: [1, 2, 3, 4, 5].map((n) => `END-${n}`) },
    isKept: holds('END-1', 'END-2', 'END-3', 'END-4', 'END-5'),
  },
  { name: '`stop` of white space', chat: { stop: ['\n\n'] }, isKept: holds('["\\n\\n"]') },
  { name: '`logit_bias`', chat: { logit_bias: { '50256': -100 } }, isKept: holds('50256') },
  { name: '`logprobs`', chat: { logprobs: true }, isKept: matches(/ogprobs":true/) },
  {
    name: '`top_logprobs`',
    chat: { logprobs: true, top_logprobs: 3 },
    isKept: matches(/ogprobs":3/),
    named: 'top_logprobs',
  },
  { name: '`n` of 2', chat: { n: 2 }, isKept: holds('"candidateCount":2') },
];

const asked = (wire: string, plain: string): boolean => wire !== plain && /json/i.test(wire);

const form: readonly ChatFeature[] = [
  {
    name: 'JSON mode',
    chat: { response_format: { type: 'json_object' } },
    isKept: (wire, { plain }) => asked(wire, plain),
    note: heldBy,
  },
  {
    name: 'JSON schema',
    chat: { response_format: { type: 'json_schema', json_schema: { name: 'place', schema: SCHEMA } } },
    isKept: holds('"berth"'),
    note: heldBy,
  },
  {
    name: 'JSON schema, `strict`',
    chat: { response_format: { type: 'json_schema', json_schema: { name: 'place', schema: SCHEMA, strict: true } } },
    isKept: holds('"berth"'),
    note: heldBy,
  },
  {
    name: '`description` of a JSON schema',
    chat: {
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'place', description: 'Where she lies', schema: SCHEMA },
      },
    },
    isKept: holds('"berth"', 'Where she lies'),
  },
  {
    name: 'JSON mode beside tools',
    chat: { tools: [tool('tide')], response_format: { type: 'json_object' } },
    isKept: (wire, { plain }) => asked(wire.replaceAll('inputSchema":{"json', ''), plain),
    note: heldBy,
  },
  {
    name: 'JSON schema beside a forced call',
    chat: {
      tools: [tool('tide')],
      tool_choice: { type: 'function', function: { name: 'tide' } },
      response_format: { type: 'json_schema', json_schema: { name: 'place', schema: SCHEMA } },
    },
    isKept: holds('"berth"', 'Tells the tide'),
    named: 'response_format',
    note: heldBy,
  },
  {
    name: 'JSON schema beside tools',
    chat: {
      tools: [tool('tide')],
      response_format: { type: 'json_schema', json_schema: { name: 'place', schema: SCHEMA } },
    },
    isKept: holds('"berth"', 'Tells the tide'),
    note: heldBy,
  },
  { name: '`verbosity`', chat: { verbosity: 'low' }, isKept: matches(/verbosity":"low/) },
  {
    name: '`modalities`, `audio`',
    chat: { modalities: ['text', 'audio'], audio: { voice: 'alloy', format: 'wav' } },
    isKept: holds('alloy'),
  },
  {
    name: '`prediction`',
    chat: { prediction: { type: 'content', content: 'High at noon' } },
    isKept: holds('High at noon'),
  },
];

const EFFORTS = ['minimal', 'low', 'medium', 'high', 'xhigh'] as const;
const EFFORT = /"(?:effort|thinkingLevel|maxReasoningEffort)":"(\w+)"/;
const BUDGET = /"(?:budget_tokens|thinkingBudget|token_budget)":(-?\d+)/;

/** The requested amount of thinking, in the vendor's own measure. */
function measure(wire: string): string {
  const budget = BUDGET.exec(wire)?.[1];
  if (budget !== undefined) return budget === '-1' ? 'as it sees fit' : `${budget} tokens`;
  const effort = EFFORT.exec(wire)?.[1];
  return effort === undefined ? '' : `\`${effort}\``;
}

const reasoning: readonly ChatFeature[] = [
  {
    name: '`reasoning_effort: none`',
    chat: { reasoning_effort: 'none' },
    isKept: (wire, { column }) =>
      column.thinksUnasked ? /"disabled"|"thinkingBudget":0|"effort":"low"|"LOW"/.test(wire) : !THINKING.test(wire),
    named: 'reasoning_effort',
    note: measure,
  },
  ...EFFORTS.map((effort): ChatFeature => ({
    name: `\`reasoning_effort: ${effort}\``,
    chat: { reasoning_effort: effort },
    isKept: matches(THINKING),
    note: measure,
  })),
];

const bookkeeping: readonly ChatFeature[] = [
  { name: '`user`', chat: { user: 'captain-4711' }, isKept: holds('captain-4711') },
  { name: '`safety_identifier`', chat: { safety_identifier: 'captain-4711' }, isKept: holds('captain-4711') },
  { name: '`metadata`', chat: { metadata: { harbour: 'Husum' } }, isKept: holds('Husum') },
  { name: '`store`', chat: { store: true }, isKept: never },
  { name: '`service_tier`', chat: { service_tier: 'flex' }, isKept: holds('"flex"') },
  { name: '`reasoning` (OpenRouter)', chat: { reasoning: { effort: 'high' } }, isKept: matches(THINKING) },
  { name: '`prompt_cache_key`', chat: { prompt_cache_key: 'tides-4711' }, isKept: holds('tides-4711') },
  {
    name: '`stream_options.include_obfuscation`',
    chat: { stream_options: { include_obfuscation: true } as never },
    isKept: never,
  },
  {
    name: '`web_search_options`',
    chat: { web_search_options: { search_context_size: 'low' } },
    isKept: holds('search_context'),
  },
  { name: '`web_search_options: {}`', chat: { web_search_options: {} }, isKept: holds('search') },
  { name: 'an unknown member', chat: { tide_table: { of: 'Husum' } }, isKept: holds('Husum') },
  { name: 'an unknown member that is empty (`{}`)', chat: { tide_table: {} }, isKept: holds('tide_table') },
];

export const CHAT_FEATURES: readonly (readonly [group: string, features: readonly ChatFeature[]])[] = [
  ['Conversation', conversationFeatures],
  ['Tools', toolFeatures],
  ['Reasoning', reasoning],
  ['Form of the answer', form],
  ['Sampling and length', sampling],
  ['Bookkeeping', bookkeeping],
];
