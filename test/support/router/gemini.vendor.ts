import type { Json } from '../http/admin-client.js';
import {
  CACHED_TOKENS,
  INPUT_TOKENS,
  OUTPUT_TOKENS,
  bodyOf,
  halves,
  sse,
  type Turn,
  type VendorWire,
} from './scripted-vendor.js';

const MODEL = 'gemini-2.5-flash';
const USAGE = {
  promptTokenCount: INPUT_TOKENS,
  cachedContentTokenCount: CACHED_TOKENS,
  candidatesTokenCount: OUTPUT_TOKENS,
  totalTokenCount: INPUT_TOKENS + OUTPUT_TOKENS,
};
const MODEL_IN_PATH = /\/models\/([^:]+):/;

/** `generateContent`. As in Gemini, a thought's signature is on the first call or on the text after it. */
export const geminiVendor: VendorWire = {
  provider: 'gemini',
  displayName: 'Google Gemini',
  model: MODEL,
  path: /^\/v1beta\/models\/[^/]+:(?:streamG|g)enerateContent$/,
  contentType: 'text/event-stream',
  streams: ({ url }) => url.includes(':streamGenerateContent'),
  forcedTool: () => undefined,
  error: (message) => ({ error: { code: 429, message, status: 'RESOURCE_EXHAUSTED', details: [] } }),
  whole: (turn) => answer(partsOf(turn), 'STOP'),
  events: (turn) => [
    ...partsOf(turn)
      .flatMap(pieces)
      .map((part) => sse(answer([part]))),
    sse(answer([{ text: '' }], 'STOP')),
  ],
  asked(request) {
    const { systemInstruction, contents, tools = [] } = bodyOf(request);
    const parts: Json[] = contents.flatMap((content: Json) => content.parts);
    return {
      model: MODEL_IN_PATH.exec(request.url)![1]!,
      system: (systemInstruction?.parts ?? []).map(({ text }: Json) => text).join('\n'),
      tools: tools.flatMap(({ functionDeclarations = [] }: Json) => functionDeclarations.map(({ name }: Json) => name)),
      results: parts.flatMap(({ functionResponse: told }) =>
        told ? [[told.name, Object.values(told.response).join('')] as const] : [],
      ),
      signatures: parts.flatMap(({ thoughtSignature }) => thoughtSignature ?? []),
    };
  },
};

const answer = (parts: Json[], finishReason?: string): Json => ({
  candidates: [{ content: { role: 'model', parts }, index: 0, ...(finishReason && { finishReason }) }],
  usageMetadata: USAGE,
  modelVersion: MODEL,
  responseId: 'scripted',
});

function partsOf({ thought, text, calls = [] }: Turn): Json[] {
  const parts: Json[] = thought ? [{ text: thought.text, thought: true }] : [];
  if (text !== undefined) parts.push({ text });
  parts.push(...calls.map(({ name, input }) => ({ functionCall: { name, args: input } })));
  const signed = parts.find((part) => part.functionCall) ?? parts.at(-1);
  if (thought) signed.thoughtSignature = thought.signature;
  return parts;
}

function pieces(part: Json): Json[] {
  if (part.text === undefined) return [part];
  const [first, last] = halves(part.text);
  return [
    { ...(part.thought && { thought: true }), text: first },
    { ...part, text: last },
  ];
}
