import { respondEvents, respondJson, type Responder } from './local-server.js';
import { formatEvent, CHUNK_DELAY_MS, TEXT_CHUNKS, TEXT, TOKENS } from './response-text.js';

interface ChatRequest {
  model: string;
  stream?: boolean;
  stream_options?: { include_usage?: boolean };
}

const USAGE = {
  prompt_tokens: TOKENS.input,
  completion_tokens: TOKENS.output,
  total_tokens: TOKENS.input + TOKENS.output,
  prompt_tokens_details: { cached_tokens: TOKENS.cached },
  completion_tokens_details: { reasoning_tokens: 0 },
};

/** Responses of OpenAI's Chat Completions API. */
export const respondAsOpenAi: Responder = (request, response) => {
  const body = JSON.parse(request.body.toString()) as ChatRequest;
  const head = { id: 'chatcmpl-demo', created: Math.floor(Date.now() / 1000), model: body.model };
  if (!body.stream) {
    const message = { role: 'assistant', content: TEXT, refusal: null };
    const choices = [{ index: 0, message, logprobs: null, finish_reason: 'stop' }];
    return respondJson(200, { ...head, object: 'chat.completion', choices, usage: USAGE })(request, response);
  }
  const formatChunk = (choices: object[], usage: object | null = null): string =>
    formatEvent({ ...head, object: 'chat.completion.chunk', choices, usage });
  const formatDelta = (content: object, finish: string | null = null): string =>
    formatChunk([{ index: 0, delta: content, logprobs: null, finish_reason: finish }]);
  const chunks = [
    formatDelta({ role: 'assistant', content: '' }),
    ...TEXT_CHUNKS.map((content) => formatDelta({ content })),
    formatDelta({}, 'stop'),
    ...(body.stream_options?.include_usage ? [formatChunk([], USAGE)] : []),
    formatEvent('[DONE]'),
  ];
  return respondEvents(chunks, CHUNK_DELAY_MS)(request, response);
};
