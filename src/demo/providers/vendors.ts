/** The providers of the demo: one entry each, with the calls to make and the fake responses. */
import { respondAsAnthropic } from './anthropic-response.js';
import type { Responder } from './local-server.js';
import { respondAsGemini } from './gemini-response.js';
import { respondAsOpenAi } from './openai-response.js';

export interface Vendor {
  /** Id of the provider in the gateway. */
  id: string;
  name: string;
  /** The prefix of the paths on the fake provider. */
  basePath: string;
  /** Path below the base URL of clients. */
  getPath: (isStreamed: boolean) => string;
  buildBody: (isStreamed: boolean) => object;
  /** The header in which this vendor's clients send a key. */
  buildKeyHeader: (key: string) => readonly [name: string, value: string];
  requestPath: RegExp;
  respond: Responder;
}

export const QUESTION = 'Is the gate open?';
export const MODELS = { openai: 'gpt-5.4', anthropic: 'claude-opus-5-5', gemini: 'gemini-2.5-flash' } as const;

const messages = [{ role: 'user', content: QUESTION }];

export const VENDORS: readonly Vendor[] = [
  {
    id: 'openai',
    name: 'OpenAI',
    basePath: '/v1',
    getPath: () => 'chat/completions',
    buildBody: (stream) => ({ model: MODELS.openai, messages, stream }),
    buildKeyHeader: (key) => ['authorization', `Bearer ${key}`],
    requestPath: /^\/v1\/chat\/completions$/,
    respond: respondAsOpenAi,
  },
  {
    id: 'anthropic',
    name: 'Anthropic',
    basePath: '',
    getPath: () => 'v1/messages',
    buildBody: (stream) => ({ model: MODELS.anthropic, max_tokens: 200, messages, stream }),
    buildKeyHeader: (key) => ['x-api-key', key],
    requestPath: /^\/v1\/messages$/,
    respond: respondAsAnthropic,
  },
  {
    id: 'gemini',
    name: 'Gemini',
    basePath: '',
    getPath: (isStreamed) =>
      `v1beta/models/${MODELS.gemini}:${isStreamed ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    buildBody: () => ({ contents: [{ role: 'user', parts: [{ text: QUESTION }] }] }),
    buildKeyHeader: (key) => ['x-goog-api-key', key],
    requestPath: /^\/v1(?:beta)?\/models\/[^/]+:(?:streamG|g)enerateContent$/,
    respond: respondAsGemini,
  },
];

/** The vendor of the person's own key. */
export const OWN_KEY_VENDOR = VENDORS[1]!;
