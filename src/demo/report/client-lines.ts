/** Lines to paste into a shell or a file, to make the same calls with a real client. */
import type { DemoStage } from '../stage/setup.js';
import { MODELS, QUESTION } from '../providers/vendors.js';

interface ClientLines {
  client: string;
  lines: readonly string[];
}

/** `base` returns the base URL for this vendor's clients. */
const buildClientLines = (base: (vendor: string) => string, key: string): readonly ClientLines[] => [
  {
    client: 'curl',
    lines: [
      `curl ${base('openai')}/chat/completions \\`,
      `  -H 'content-type: application/json' \\`,
      `  -H 'authorization: Bearer ${key}' \\`,
      `  -d '{"model":"${MODELS.openai}","messages":[{"role":"user","content":"${QUESTION}"}]}'`,
    ],
  },
  {
    client: 'OpenAI SDK for Node',
    lines: [
      `import OpenAI from 'openai';`,
      `const openai = new OpenAI({`,
      `  baseURL: '${base('openai')}',`,
      `  apiKey: '${key}',`,
      `});`,
      `const messages = [{ role: 'user', content: '${QUESTION}' }];`,
      `console.log(await openai.chat.completions.create({ model: '${MODELS.openai}', messages }));`,
    ],
  },
  {
    client: 'Anthropic SDK for Node',
    lines: [
      `import Anthropic from '@anthropic-ai/sdk';`,
      `const anthropic = new Anthropic({`,
      `  baseURL: '${base('anthropic')}',`,
      `  apiKey: '${key}',`,
      `});`,
      `const messages = [{ role: 'user', content: '${QUESTION}' }];`,
      `const model = '${MODELS.anthropic}';`,
      `console.log(await anthropic.messages.create({ model, max_tokens: 200, messages }));`,
    ],
  },
  {
    client: 'Google Gen AI SDK for Node',
    lines: [
      `import { GoogleGenAI } from '@google/genai';`,
      `const baseUrl = '${base('gemini')}';`,
      `const google = new GoogleGenAI({`,
      `  httpOptions: { baseUrl },`,
      `  apiKey: '${key}',`,
      `});`,
      `const model = '${MODELS.gemini}';`,
      `console.log(await google.models.generateContent({ model, contents: '${QUESTION}' }));`,
    ],
  },
];

export function formatClientLines({ url, proxy, virtualKey }: DemoStage): string {
  return buildClientLines((vendor) => `${url}/v1/${vendor}/${proxy.id}`, virtualKey.value)
    .map(({ client, lines }) => `  ${client}\n\n${lines.map((line) => `    ${line}`).join('\n')}\n`)
    .join('\n');
}
