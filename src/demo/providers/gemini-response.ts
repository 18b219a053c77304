import { events, json, type Answer } from './local-server.js';
import { event, PIECE_DELAY_MS, PIECES, TEXT, TOKENS } from './response-text.js';

const USAGE = {
  promptTokenCount: TOKENS.input,
  cachedContentTokenCount: TOKENS.cached,
  candidatesTokenCount: TOKENS.output,
  totalTokenCount: TOKENS.input + TOKENS.output,
};

/**
 * Responses of Google's `generateContent` and `streamGenerateContent`; a stream without `alt=sse` is one JSON array.
 */
export const answerAsGemini: Answer = (request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://provider');
  const [, modelVersion, method] = /models\/(.+):(\w+)$/.exec(pathname)!;
  const part = (text: string, isLast: boolean): object => ({
    candidates: [
      { content: { role: 'model', parts: [{ text }] }, index: 0, ...(isLast ? { finishReason: 'STOP' } : {}) },
    ],
    usageMetadata: USAGE,
    modelVersion,
    responseId: 'demo',
  });
  if (method === 'generateContent') return json(200, part(TEXT, true))(request, response);
  const parts = PIECES.map((text, i) => part(text, i === PIECES.length - 1));
  if (searchParams.get('alt') !== 'sse') return json(200, parts)(request, response);
  return events(
    parts.map((each) => event(each)),
    PIECE_DELAY_MS,
  )(request, response);
};
