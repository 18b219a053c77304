import type { Json } from '../http/admin-client.js';
import { INPUT_TOKENS, OUTPUT_TOKENS, bodyOf, halves, sse, type Turn, type VendorWire } from './scripted-vendor.js';

const TOKENS = { input_tokens: INPUT_TOKENS, output_tokens: OUTPUT_TOKENS };
const USAGE = { billed_units: TOKENS, tokens: TOKENS };

/** The Chat API, version 2. Its thoughts are not signed. */
export const cohereVendor: VendorWire = {
  provider: 'cohere',
  displayName: 'Cohere',
  model: 'command-a-03-2025',
  path: /^\/v2\/chat$/,
  contentType: 'text/event-stream',
  streams: (request) => bodyOf(request).stream === true,
  forcedTool: () => undefined,
  error: (message) => ({ id: 'scripted', message }),
  whole: (turn) => ({ id: 'scripted', message: messageOf(turn), finish_reason: finishOf(turn), usage: USAGE }),
  events(turn) {
    const { content = [], tool_plan: plan, tool_calls: calls = [] } = messageOf(turn);
    const told: Json[] = [{ type: 'message-start', id: 'scripted', delta: { message: { role: 'assistant' } } }];
    if (plan) told.push(...halves(plan).map((piece) => within('tool-plan-delta', { tool_plan: piece })));
    for (const [index, part] of content.entries()) {
      told.push(within('content-start', { content: { ...part, [part.type]: '' } }, index));
      for (const piece of halves(part[part.type]))
        told.push(within('content-delta', { content: { [part.type]: piece } }, index));
      told.push({ type: 'content-end', index });
    }
    for (const [index, call] of calls.entries()) {
      const begun = { ...call, function: { ...call.function, arguments: '' } };
      told.push(within('tool-call-start', { tool_calls: begun }, index));
      for (const piece of halves(call.function.arguments))
        told.push(within('tool-call-delta', { tool_calls: { function: { arguments: piece } } }, index));
      told.push({ type: 'tool-call-end', index });
    }
    told.push({ type: 'message-end', delta: { finish_reason: finishOf(turn), usage: USAGE } });
    return told.map((event) => sse(event, event.type));
  },
  asked(request) {
    const { model, messages, tools = [] } = bodyOf(request);
    const ofRole = (role: string): Json[] => messages.filter((message: Json) => message.role === role);
    return {
      model,
      system: ofRole('system')
        .map(({ content }) => content)
        .join('\n'),
      tools: tools.map((tool: Json) => tool.function.name),
      results: ofRole('tool').map(({ tool_call_id: id, content }) => [id, content]),
      signatures: [],
    };
  },
};

const within = (type: string, message: Json, index?: number): Json => ({
  type,
  ...(index === undefined ? {} : { index }),
  delta: { message },
});

const finishOf = ({ calls }: Turn): string => (calls?.length ? 'TOOL_CALL' : 'COMPLETE');

/** Text beside calls is the model's plan. */
function messageOf({ thought, text, calls }: Turn): Json {
  const content = [
    ...(thought ? [{ type: 'thinking', thinking: thought.text }] : []),
    ...(text !== undefined && !calls ? [{ type: 'text', text }] : []),
  ];
  return {
    role: 'assistant',
    ...(content.length > 0 && { content }),
    ...(calls && {
      tool_plan: text ?? '',
      tool_calls: calls.map(({ id, name, input }) => ({
        id,
        type: 'function',
        function: { name, arguments: JSON.stringify(input) },
      })),
    }),
  };
}
