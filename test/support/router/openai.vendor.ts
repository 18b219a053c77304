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

const USAGE = {
  prompt_tokens: INPUT_TOKENS,
  completion_tokens: OUTPUT_TOKENS,
  total_tokens: INPUT_TOKENS + OUTPUT_TOKENS,
  prompt_tokens_details: { cached_tokens: CACHED_TOKENS },
};

/** Chat Completions. */
export const openAiVendor = chatVendor({ provider: 'openai', displayName: 'OpenAI', model: 'gpt-5.4' });

/** The same for a vendor that has no Responses API and refuses members that it does not know. */
export const mistralVendor = chatVendor({
  provider: 'mistral',
  displayName: 'Mistral',
  model: 'mistral-large-latest',
});

function chatVendor(named: Pick<VendorWire, 'provider' | 'displayName' | 'model'>): VendorWire {
  const head = { id: 'chatcmpl-scripted', created: 1_790_000_000, model: named.model };
  const chunk = (choices: Json[], usage: Json = null): Json => ({
    ...head,
    object: 'chat.completion.chunk',
    choices,
    usage,
  });
  return {
    ...named,
    path: /^\/v1\/chat\/completions$/,
    contentType: 'text/event-stream',
    streams: (request) => bodyOf(request).stream === true,
    forcedTool: (body) => body.tool_choice?.function?.name,
    error: (message) => ({ error: { message, type: 'requests', param: null, code: 'rate_limit_exceeded' } }),
    whole: (turn) => ({
      ...head,
      object: 'chat.completion',
      choices: [{ index: 0, message: messageOf(turn), finish_reason: finishOf(turn), logprobs: null }],
      usage: USAGE,
    }),
    events(turn) {
      const deltas: Json[] = [{ role: 'assistant', content: '' }];
      if (turn.thought) deltas.push(...halves(turn.thought.text).map((text) => ({ reasoning_content: text })));
      if (turn.text) deltas.push(...halves(turn.text).map((content) => ({ content })));
      for (const [index, { id, name, input }] of (turn.calls ?? []).entries()) {
        deltas.push({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] });
        for (const piece of halves(JSON.stringify(input)))
          deltas.push({ tool_calls: [{ index, function: { arguments: piece } }] });
      }
      const chunks = deltas.map((delta) => chunk([{ index: 0, delta, finish_reason: null }]));
      chunks.push(chunk([{ index: 0, delta: {}, finish_reason: finishOf(turn) }]), chunk([], USAGE));
      return [...chunks.map((each) => sse(each)), Buffer.from('data: [DONE]\n\n')];
    },
    asked(request) {
      const { model, messages, tools = [] } = bodyOf(request);
      const ofRole = (...roles: string[]): Json[] => messages.filter(({ role }: Json) => roles.includes(role));
      return {
        model,
        system: ofRole('system', 'developer')
          .map(({ content }) => content)
          .join('\n'),
        tools: tools.map((tool: Json) => tool.function.name),
        results: ofRole('tool').map((message) => [message.tool_call_id, message.content]),
        signatures: [],
      };
    },
  };
}

const finishOf = ({ calls }: Turn): string => (calls?.length ? 'tool_calls' : 'stop');

const messageOf = ({ thought, text, calls }: Turn): Json => ({
  role: 'assistant',
  content: text ?? null,
  refusal: null,
  ...(thought && { reasoning_content: thought.text }),
  ...(calls && {
    tool_calls: calls.map(({ id, name, input }) => ({
      id,
      type: 'function',
      function: { name, arguments: JSON.stringify(input) },
    })),
  }),
});
