import type { ChatChoice, ChatCompletion, ToolCall } from '../../pivot/chat.js';
import type { TranslationContext } from '../../pivot/translator.js';
import { toAnnotations } from './citations.js';
import { toFinishReason, isFailure, toChatLogprobs, toChatUsage } from './figures.js';
import { toReasoningDetail } from './thinking.js';
import type { CohereResponse, CohereCall, CohereMessage } from './wire.js';

/** Throws TypeError for a body that is not a response, and for a response that Cohere itself marks as failed. */
export function toChatCompletion(response: CohereResponse | null, context: TranslationContext): ChatCompletion {
  const { message, finish_reason: reason, usage: told, logprobs } = response ?? {};
  if (!message) throw new TypeError('it has no message');
  if (isFailure(reason)) throw new TypeError(`Cohere ended it with ${reason}`);
  const usage = toChatUsage(told);
  const choice: ChatChoice = {
    index: 0,
    message: messageOf(message, (context.lost ??= new Set())),
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

function messageOf(
  { content, tool_plan: plan, tool_calls: calls, citations }: CohereMessage,
  lost: Set<string>,
): ChatChoice['message'] {
  const annotations = toAnnotations(citations ?? [], lost);
  const thoughts = (content ?? []).flatMap(({ thinking }) => (thinking ? [thinking] : []));
  const text = (plan ?? '') + (content ?? []).map((part) => part.text ?? '').join('');
  return {
    role: 'assistant',
    content: text === '' ? null : text,
    refusal: null,
    ...(thoughts.length > 0 && {
      reasoning_content: thoughts.join(''),
      reasoning_details: thoughts.map(toReasoningDetail),
    }),
    ...(annotations.length > 0 && { annotations }),
    ...(calls?.length && { tool_calls: calls.map((call, i) => callOf(call, i)) }),
  };
}

function callOf(call: CohereCall, i: number): ToolCall {
  const { name = '', arguments: text } = call.function ?? {};
  return { id: call.id ?? `call_${i}`, type: 'function', function: { name, arguments: argumentsOf(text) } };
}

/** Returns arguments. A call of a tool without parameters has null, or nothing. */
function argumentsOf(text: string | null | undefined): string {
  return !text || text === 'null' ? '{}' : text;
}
