// The requests and responses of the workloads, as bytes, shared by the load generator and the mock provider.

const chat = (content) =>
  JSON.stringify({
    id: 'chatcmpl-bench',
    object: 'chat.completion',
    created: 1_764_000_000,
    model: 'gpt-5.4-mini',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 24, completion_tokens: 16, total_tokens: 40 },
  });

const event = (content) =>
  `data: ${JSON.stringify({
    id: 'chatcmpl-bench',
    object: 'chat.completion.chunk',
    created: 1_764_000_000,
    model: 'gpt-5.4-mini',
    choices: [{ index: 0, delta: { content }, finish_reason: null }],
  })}\n\n`;

const usageEvent = `data: ${JSON.stringify({
  id: 'chatcmpl-bench',
  object: 'chat.completion.chunk',
  created: 1_764_000_000,
  model: 'gpt-5.4-mini',
  choices: [],
  usage: { prompt_tokens: 24, completion_tokens: 16, total_tokens: 40 },
})}\n\n`;

const request = (content, extra = {}) =>
  JSON.stringify({
    model: 'gpt-5.4-mini',
    messages: [
      { role: 'system', content: 'You are a helpful assistant that answers briefly.' },
      { role: 'user', content },
    ],
    ...extra,
  });

const streamed = { stream: true, stream_options: { include_usage: true } };

/** name → request body; whole response, or events with their delay in ms (streamed). */
export const WORKLOADS = {
  small: {
    request: request(
      'What is the capital of France, and since when? One sentence, please, without any preamble at all.',
    ),
    answer: chat('Paris has been the capital of France, with interruptions, since 987.'),
  },
  large: {
    request: request('Lorem ipsum dolor sit amet, consectetur adipiscing elit.\n'.repeat(560)),
    answer: chat('Ut enim ad minim veniam, quis nostrud exercitation.\n'.repeat(155)),
  },
  stream: {
    request: request('Count.', streamed),
    events: [...Array.from({ length: 20 }, (_, i) => event(`word${i} `)), usageEvent, 'data: [DONE]\n\n'],
    delayMs: 10,
  },
  burst: {
    request: request('Count.', streamed),
    events: [...Array.from({ length: 500 }, (_, i) => event(`word${i} `)), usageEvent, 'data: [DONE]\n\n'],
    delayMs: 0,
  },
};
