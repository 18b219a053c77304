/** The providers of the demo: one entry each, with the calls to make and the fake responses. */
import { answerAsAnthropic } from './anthropic-response.js';
import type { Answer } from './local-server.js';
import { answerAsGemini } from './gemini-response.js';
import { answerAsOpenAi } from './openai-response.js';

export interface Vendor {
  /** Id of the provider in the gateway. */
  id: string;
  name: string;
  /** The prefix of the paths on the fake provider. */
  basePath: string;
  /** Path below the base URL of clients. */
  path: (isStreamed: boolean) => string;
  body: (isStreamed: boolean) => object;
  /** The header in which this vendor's clients send a key. */
  keyHeader: (key: string) => readonly [name: string, value: string];
  answers: RegExp;
  answer: Answer;
}

export const QUESTION = 'Is the gate open?';
export const MODELS = { openai: 'gpt-5.4', anthropic: 'claude-opus-5-5', gemini: 'gemini-2.5-flash' } as const;

const messages = [{ role: 'user', content: QUESTION }];

export const VENDORS: readonly Vendor[] = [
  {
    id: 'openai',
    name: 'OpenAI',
    basePath: '/v1',
    path: () => 'chat/completions',
    body: (stream) => ({ model: MODELS.openai, messages, stream }),
    keyHeader: (key) => ['authorization', `Bearer ${key}`],
    answers: /^\/v1\/chat\/completions$/,
    answer: answerAsOpenAi,
  },
  {
    id: 'anthropic',
    name: 'Anthropic',
    basePath: '',
    path: () => 'v1/messages',
    body: (stream) => ({ model: MODELS.anthropic, max_tokens: 200, messages, stream }),
    keyHeader: (key) => ['x-api-key', key],
    answers: /^\/v1\/messages$/,
    answer: answerAsAnthropic,
  },
  {
    id: 'gemini',
    name: 'Gemini',
    basePath: '',
    path: (isStreamed) =>
      `v1beta/models/${MODELS.gemini}:${isStreamed ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    body: () => ({ contents: [{ role: 'user', parts: [{ text: QUESTION }] }] }),
    keyHeader: (key) => ['x-goog-api-key', key],
    answers: /^\/v1(?:beta)?\/models\/[^/]+:(?:streamG|g)enerateContent$/,
    answer: answerAsGemini,
  },
];

/** The vendor of the person's own key. */
export const OWN_KEY_VENDOR = VENDORS[1]!;
