import { respondEvents, respondJson, type Responder } from './local-server.js';
import { formatEvent, CHUNK_DELAY_MS, TEXT_CHUNKS, TEXT, TOKENS } from './response-text.js';

const USAGE = {
  promptTokenCount: TOKENS.input,
  cachedContentTokenCount: TOKENS.cached,
  candidatesTokenCount: TOKENS.output,
  totalTokenCount: TOKENS.input + TOKENS.output,
};

/**
 * Responses of Google's `generateContent` and `streamGenerateContent`; a stream without `alt=sse` is one JSON array.
 */
export const respondAsGemini: Responder = (request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://provider');
  const [, modelVersion, method] = /models\/(.+):(\w+)$/.exec(pathname)!;
  const buildPart = (text: string, isLast: boolean): object => ({
    candidates: [
      { content: { role: 'model', parts: [{ text }] }, index: 0, ...(isLast ? { finishReason: 'STOP' } : {}) },
    ],
    usageMetadata: USAGE,
    modelVersion,
    responseId: 'demo',
  });
  if (method === 'generateContent') return respondJson(200, buildPart(TEXT, true))(request, response);
  const parts = TEXT_CHUNKS.map((text, i) => buildPart(text, i === TEXT_CHUNKS.length - 1));
  if (searchParams.get('alt') !== 'sse') return respondJson(200, parts)(request, response);
  return respondEvents(
    parts.map((each) => formatEvent(each)),
    CHUNK_DELAY_MS,
  )(request, response);
};
