/** Converts whole responses of servers that speak OpenAI's Chat, each with its deviations, to OpenAI's form. */
import { ExactMembers, parseWithMembers } from '../../../../providers/json/exact-members.js';
import { removeModelPrefix } from '../../../../providers/dialects/gemini/model-names.js';
import { isObject } from '../../../pivot/body-shape.js';
import type { ChatChoice, ChatCompletion, JsonObject, ReasoningDetail } from '../../../pivot/chat.js';
import type { TranslationContext } from '../../../pivot/translator.js';
import { toFinishReason, isFailure } from './finish-reasons.js';
import { readCalls } from './calls.js';
import { readReasoning, readWholeContent } from './content.js';
import { readAnnotations, readSources, listUncited } from './sources.js';
import { toChatUsage } from './usage.js';

const CALLS = new ExactMembers({
  raw: ['choices[].message.tool_calls[].function.arguments', 'choices[].message.function_call.arguments'],
});

/**
 * Throws SyntaxError or TypeError for a body that is not a completion, and for one that the server itself marks as
 * failed.
 */
export function toChatCompletion(body: Uint8Array, context: TranslationContext): ChatCompletion {
  const told = parseWithMembers(body, CALLS);
  const choices = isObject(told) ? told['choices'] : undefined;
  if (!isObject(told) || !Array.isArray(choices)) throw new TypeError('a response without choices');
  const lost = (context.lost ??= new Set());
  const { id, created, model, system_fingerprint: fingerprint, usage: used, ...others } = told;
  const usage = toChatUsage(used) ?? toChatUsage(isObject(told['x_groq']) ? told['x_groq']['usage'] : undefined);
  return {
    ...others,
    id: typeof id === 'string' && id !== '' ? id : context.id,
    object: 'chat.completion',
    created: typeof created === 'number' ? created : context.created,
    model: removeModelPrefix(typeof model === 'string' && model !== '' ? model : context.model),
    choices: choices.map((choice, i) => choiceOf(choice, i, told, lost)),
    ...(usage && { usage }),
    ...(typeof fingerprint === 'string' && fingerprint !== '' && { system_fingerprint: fingerprint }),
  };
}

function choiceOf(choice: unknown, position: number, response: JsonObject, lost: Set<string>): ChatChoice {
  if (!isObject(choice)) throw new TypeError('a choice that is not an object');
  const { index, message: told, finish_reason: reason, logprobs } = choice;
  if (isFailure(reason)) throw new TypeError(`the server ended its response with ${String(reason)}`);
  const message = messageOf(isObject(told) ? told : {}, lost);
  const sources = position === 0 ? listUncited(readSources(response), message.annotations ?? []) : [];
  if (sources.length > 0) message.annotations = [...(message.annotations ?? []), ...sources];
  return {
    ...choice,
    index: typeof index === 'number' ? index : position,
    message,
    finish_reason: toFinishReason(reason, (message.tool_calls?.length ?? 0) > 0),
    logprobs: isObject(logprobs) ? logprobs : null,
  };
}

function messageOf(told: JsonObject, lost: Set<string>): ChatChoice['message'] {
  const { reasoning: _, function_call: _older, ...others } = told;
  const { text, reasoning: thoughts, refusal, images } = readWholeContent(told['content'] ?? null, lost);
  const calls = readCalls(told);
  const reasoning = readReasoning(told) || thoughts;
  const details = readReasoningDetails(told['reasoning_details']);
  const annotations = readAnnotations(told['annotations']);
  const drawn = Array.isArray(told['images']) ? (told['images'] as typeof images) : [];
  noteLost(told, lost);
  const message = {
    ...others,
    role: 'assistant' as const,
    content: text,
    refusal: refusal || textOrNull(told['refusal']),
    tool_calls: calls,
    reasoning_content: reasoning,
    reasoning_details: details,
    annotations,
    images: [...drawn, ...images],
  };
  for (const name of ['tool_calls', 'reasoning_content', 'reasoning_details', 'annotations', 'images'] as const)
    if (message[name].length === 0) delete (message as Partial<typeof message>)[name];
  return message;
}

/** Returns the details that can be sent back. A detail without a format gets `unknown`, so no vendor receives it. */
export function readReasoningDetails(details: unknown): ReasoningDetail[] {
  if (!Array.isArray(details)) return [];
  return (details as unknown[])
    .filter((detail): detail is JsonObject => isObject(detail) && typeof detail['type'] === 'string')
    .map((detail) => ({ ...detail, format: detail['format'] ?? 'unknown' }) as unknown as ReasoningDetail);
}

/** Notes the output of the server's own tools (Groq), and speech. */
function noteLost({ executed_tools: executed, audio }: JsonObject, lost: Set<string>): void {
  if (Array.isArray(executed) && executed.length > 0) lost.add('executed_tools');
  if (isObject(audio) && audio['data']) lost.add('audio');
}

const textOrNull = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
