import { respondEvents, respondJson, type Responder } from './local-server.js';
import { formatEvent, CHUNK_DELAY_MS, TEXT_CHUNKS, TEXT, TOKENS } from './response-text.js';

interface MessagesRequest {
  model: string;
  stream?: boolean;
}

/** Anthropic counts input tokens read from its cache separately. */
const USAGE = {
  input_tokens: TOKENS.input - TOKENS.cached,
  cache_read_input_tokens: TOKENS.cached,
  cache_creation_input_tokens: 0,
  output_tokens: TOKENS.output,
};

/** Responses of Anthropic's Messages API. */
export const respondAsAnthropic: Responder = (request, response) => {
  const body = JSON.parse(request.body.toString()) as MessagesRequest;
  const message = { id: 'msg_demo', type: 'message', role: 'assistant', model: body.model, stop_sequence: null };
  if (!body.stream) {
    const content = [{ type: 'text', text: TEXT, citations: null }];
    return respondJson(200, { ...message, content, stop_reason: 'end_turn', usage: USAGE })(request, response);
  }
  const formatNamedEvent = (data: { type: string; [member: string]: unknown }): string => formatEvent(data, data.type);
  const startMessage = { ...message, content: [], stop_reason: null, usage: { ...USAGE, output_tokens: 1 } };
  const chunks = [
    formatNamedEvent({ type: 'message_start', message: startMessage }),
    formatNamedEvent({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
    ...TEXT_CHUNKS.map((text) =>
      formatNamedEvent({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }),
    ),
    formatNamedEvent({ type: 'content_block_stop', index: 0 }),
    formatNamedEvent({
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: TOKENS.output },
    }),
    formatNamedEvent({ type: 'message_stop' }),
  ];
  return respondEvents(chunks, CHUNK_DELAY_MS)(request, response);
};
