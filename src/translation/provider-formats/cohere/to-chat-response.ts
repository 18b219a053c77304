import type { ChatChoice, ChatCompletion, ToolCall } from '../../pivot/chat.js';
import type { TranslationContext } from '../../pivot/translator.js';
import { toAnnotations } from './citations.js';
import { toFinishReason, isFailure, toChatLogprobs, toChatUsage } from './figures.js';
import { toReasoningDetail } from './thinking.js';
import type { CohereResponse, CohereCall, CohereMessage } from './wire.js';

/** Throws TypeError for a body that is not a response, and for a response that Cohere itself marks as failed. */
export function toChatCompletion(response: CohereResponse | null, context: TranslationContext): ChatCompletion {
  const { message, finish_reason: reason, usage: vendorUsage, logprobs } = response ?? {};
  if (!message) throw new TypeError('it has no message');
  if (isFailure(reason)) throw new TypeError(`Cohere ended it with ${reason}`);
  const usage = toChatUsage(vendorUsage);
  const choice: ChatChoice = {
    index: 0,
    message: toMessage(message, (context.lost ??= new Set())),
    finish_reason: toFinishReason(reason, (message.tool_calls?.length ?? 0) > 0),
    logprobs: logprobs ? toChatLogprobs(logprobs) : null,
  };
  return {
    id: response?.id ?? context.id,
    object: 'chat.completion',
    created: context.created,
    model: context.model,
    choices: [choice],
    ...(usage && { usage }),
  };
}

function toMessage(
  { content, tool_plan: plan, tool_calls: calls, citations }: CohereMessage,
  lost: Set<string>,
): ChatChoice['message'] {
  const annotations = toAnnotations(citations ?? [], lost);
  const reasoning = (content ?? []).flatMap(({ thinking }) => (thinking ? [thinking] : []));
  const text = (plan ?? '') + (content ?? []).map((part) => part.text ?? '').join('');
  return {
    role: 'assistant',
    content: text === '' ? null : text,
    refusal: null,
    ...(reasoning.length > 0 && {
      reasoning_content: reasoning.join(''),
      reasoning_details: reasoning.map(toReasoningDetail),
    }),
    ...(annotations.length > 0 && { annotations }),
    ...(calls?.length && { tool_calls: calls.map((call, i) => toCall(call, i)) }),
  };
}

function toCall(call: CohereCall, i: number): ToolCall {
  const { name = '', arguments: text } = call.function ?? {};
  return { id: call.id ?? `call_${i}`, type: 'function', function: { name, arguments: toArguments(text) } };
}

/** Returns arguments. A call of a tool without parameters has null, or nothing. */
function toArguments(text: string | null | undefined): string {
  return !text || text === 'null' ? '{}' : text;
}
