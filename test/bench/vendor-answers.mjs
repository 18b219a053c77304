// Responses of vendors with their own formats to the small workload and the burst, for measuring translations.
import { EventStreamCodec } from '@smithy/eventstream-codec';
import { fromUtf8, toUtf8 } from '@smithy/util-utf8';

const TEXT = 'Paris has been the capital of France, with interruptions, since 987.';
const EVENTS = 500;

const sse = (name, data) => `${name ? `event: ${name}\n` : ''}data: ${JSON.stringify(data)}\n\n`;
const words = (make) => Array.from({ length: EVENTS }, (_, i) => make(`word${i} `));

const message = (content, stop, usage) => ({
  id: 'msg_bench',
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-5',
  content,
  stop_reason: stop,
  stop_sequence: null,
  usage,
});

const typed = (data) => sse(data.type, data);
const anthropic = {
  path: /^\/v1\/messages/,
  whole: message([{ type: 'text', text: TEXT }], 'end_turn', { input_tokens: 24, output_tokens: 16 }),
  events: [
    typed({ type: 'message_start', message: message([], null, { input_tokens: 24, output_tokens: 1 }) }),
    typed({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
    ...words((text) => typed({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })),
    typed({ type: 'content_block_stop', index: 0 }),
    typed({
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: 16 },
    }),
    typed({ type: 'message_stop' }),
  ],
};

const candidate = (text, finishReason) => ({
  candidates: [{ content: { role: 'model', parts: [{ text }] }, index: 0, ...(finishReason && { finishReason }) }],
  usageMetadata: { promptTokenCount: 24, candidatesTokenCount: 16, totalTokenCount: 40 },
  modelVersion: 'gemini-2.5-flash',
  responseId: 'bench',
});
const gemini = {
  path: /:(?:stream)?generatecontent/i,
  whole: candidate(TEXT, 'STOP'),
  events: [...words((text) => sse('', candidate(text))), sse('', candidate('', 'STOP'))],
};

const cohereUsage = {
  billed_units: { input_tokens: 24, output_tokens: 16 },
  tokens: { input_tokens: 24, output_tokens: 16 },
};
const cohere = {
  path: /^\/v2\/chat/,
  whole: {
    id: 'bench',
    finish_reason: 'COMPLETE',
    message: { role: 'assistant', content: [{ type: 'text', text: TEXT }] },
    usage: cohereUsage,
  },
  events: [
    typed({ type: 'message-start', id: 'bench', delta: { message: { role: 'assistant', content: [] } } }),
    typed({ type: 'content-start', index: 0, delta: { message: { content: { type: 'text', text: '' } } } }),
    ...words((text) => typed({ type: 'content-delta', index: 0, delta: { message: { content: { text } } } })),
    typed({ type: 'content-end', index: 0 }),
    typed({ type: 'message-end', delta: { finish_reason: 'COMPLETE', usage: cohereUsage } }),
  ],
};

const codec = new EventStreamCodec(toUtf8, fromUtf8);
const header = (value) => ({ type: 'string', value });
const frame = (name, payload) =>
  Buffer.from(
    codec.encode({
      headers: {
        ':event-type': header(name),
        ':content-type': header('application/json'),
        ':message-type': header('event'),
      },
      body: fromUtf8(JSON.stringify(payload)),
    }),
  );
const bedrockUsage = { inputTokens: 24, outputTokens: 16, totalTokens: 40 };
const bedrock = {
  path: /\/converse/,
  streamType: 'application/vnd.amazon.eventstream',
  whole: {
    output: { message: { role: 'assistant', content: [{ text: TEXT }] } },
    stopReason: 'end_turn',
    usage: bedrockUsage,
    metrics: { latencyMs: 1 },
  },
  events: [
    frame('messageStart', { role: 'assistant' }),
    ...words((text) => frame('contentBlockDelta', { contentBlockIndex: 0, delta: { text } })),
    frame('contentBlockStop', { contentBlockIndex: 0 }),
    frame('messageStop', { stopReason: 'end_turn' }),
    frame('metadata', { usage: bedrockUsage, metrics: { latencyMs: 1 } }),
  ],
};

/** `path`: the request path; `whole`: the response; `events`: the stream, as texts or bytes. */
export const VENDORS = [anthropic, gemini, cohere, bedrock];
