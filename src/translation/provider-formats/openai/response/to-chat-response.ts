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
  const response = parseWithMembers(body, CALLS);
  const choices = isObject(response) ? response['choices'] : undefined;
  if (!isObject(response) || !Array.isArray(choices)) throw new TypeError('a response without choices');
  const lost = (context.lost ??= new Set());
  const { id, created, model, system_fingerprint: fingerprint, usage: vendorUsage, ...others } = response;
  const usage =
    toChatUsage(vendorUsage) ?? toChatUsage(isObject(response['x_groq']) ? response['x_groq']['usage'] : undefined);
  return {
    ...others,
    id: typeof id === 'string' && id !== '' ? id : context.id,
    object: 'chat.completion',
    created: typeof created === 'number' ? created : context.created,
    model: removeModelPrefix(typeof model === 'string' && model !== '' ? model : context.model),
    choices: choices.map((choice, i) => toChoice(choice, i, response, lost)),
    ...(usage && { usage }),
    ...(typeof fingerprint === 'string' && fingerprint !== '' && { system_fingerprint: fingerprint }),
  };
}

function toChoice(choice: unknown, position: number, response: JsonObject, lost: Set<string>): ChatChoice {
  if (!isObject(choice)) throw new TypeError('a choice that is not an object');
  const { index, message: vendorMessage, finish_reason: reason, logprobs } = choice;
  if (isFailure(reason)) throw new TypeError(`the server ended its response with ${String(reason)}`);
  const message = toMessage(isObject(vendorMessage) ? vendorMessage : {}, lost);
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

function toMessage(vendorMessage: JsonObject, lost: Set<string>): ChatChoice['message'] {
  const { reasoning: _, function_call: _older, ...others } = vendorMessage;
  const {
    text,
    reasoning: contentReasoning,
    refusal,
    images,
  } = readWholeContent(vendorMessage['content'] ?? null, lost);
  const calls = readCalls(vendorMessage);
  const reasoning = readReasoning(vendorMessage) || contentReasoning;
  const details = readReasoningDetails(vendorMessage['reasoning_details']);
  const annotations = readAnnotations(vendorMessage['annotations']);
  const vendorImages = Array.isArray(vendorMessage['images']) ? (vendorMessage['images'] as typeof images) : [];
  noteLost(vendorMessage, lost);
  const message = {
    ...others,
    role: 'assistant' as const,
    content: text,
    refusal: refusal || toTextOrNull(vendorMessage['refusal']),
    tool_calls: calls,
    reasoning_content: reasoning,
    reasoning_details: details,
    annotations,
    images: [...vendorImages, ...images],
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

const toTextOrNull = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
