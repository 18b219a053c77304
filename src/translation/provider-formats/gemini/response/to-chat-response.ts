/** Converts a whole response of `generateContent` to a chat completion. */
import { parseWithMembers } from '../../../../providers/json/exact-members.js';
import { removeModelPrefix } from '../../../../providers/dialects/gemini/model-names.js';
import type { ChatChoice, ChatCompletion, ReasoningDetail, ToolCall } from '../../../pivot/chat.js';
import type { TranslationContext } from '../../../pivot/translator.js';
import { findFailure, toFinishReason } from './finish-reasons.js';
import { toAnnotations } from './grounding.js';
import { toChatLogprobs } from './logprobs.js';
import { CallIds, GEMINI_CALLS, PartReader, type PartSink } from './parts.js';
import { toChatUsage } from './usage.js';
import type { GeminiResponse, GeminiCandidate } from '../wire.js';

export function toChatCompletion(body: Uint8Array, context: TranslationContext): ChatCompletion {
  const response = parseWithMembers(body, GEMINI_CALLS) as GeminiResponse | null;
  if (!response?.candidates && !response?.promptFeedback?.blockReason) throw new TypeError('it has no candidates');
  const ids = new CallIds(context.id);
  const lost = (context.lost ??= new Set());
  const choices = (response.candidates ?? []).map((candidate, i) => toChoice(candidate, i, ids, lost));
  if (choices.length === 0) choices.push(createBlockedChoice(response));
  const failures = response.candidates?.map((one) => findFailure(one.finishReason ?? '', one.finishMessage));
  const error = failures?.find((failure) => failure !== null);
  return {
    id: response.responseId || context.id,
    object: 'chat.completion',
    created: context.created,
    model: removeModelPrefix(response.modelVersion || context.model),
    choices,
    ...(response.usageMetadata && { usage: toChatUsage(response.usageMetadata) }),
    ...(error && { error }),
  };
}

function toChoice(candidate: GeminiCandidate, position: number, ids: CallIds, lost: Set<string>): ChatChoice {
  const message = new Message(lost);
  const reader = new PartReader(ids, message);
  for (const part of candidate.content?.parts ?? []) reader.read(part);
  const annotations = toAnnotations(candidate, message.content, lost);
  return {
    index: candidate.index ?? position,
    message: { ...message.build(), ...(annotations.length > 0 && { annotations }) },
    finish_reason: toFinishReason(candidate.finishReason ?? 'STOP', reader.hasCalls),
    logprobs: toChatLogprobs(candidate.logprobsResult),
  };
}

/** Returns the choice for a blocked prompt: the response then contains a reason, but no candidate. */
function createBlockedChoice({ promptFeedback }: GeminiResponse): ChatChoice {
  const refusal = promptFeedback?.blockReasonMessage ?? null;
  const message = { role: 'assistant' as const, content: null, refusal };
  return { index: 0, message, finish_reason: 'content_filter', logprobs: null };
}

class Message implements PartSink {
  #content = '';
  #hasText = false;
  #reasoning = '';
  readonly #details: ReasoningDetail[] = [];
  readonly #calls: ToolCall[] = [];
  readonly #images: string[] = [];

  constructor(private readonly lostNames: Set<string>) {}

  get content(): string {
    return this.#content;
  }

  addText(text: string): void {
    this.#content += text;
    this.#hasText = true;
  }

  addThought(text: string): void {
    this.#reasoning += text;
  }

  addDetail(detail: ReasoningDetail): void {
    this.#details.push(detail);
  }

  addCall(call: ToolCall): void {
    this.#calls.push(call);
  }

  addImage(url: string): void {
    this.#images.push(url);
  }

  addLost(name: string): void {
    this.lostNames.add(name);
  }

  build(): ChatChoice['message'] {
    return {
      role: 'assistant',
      content: this.#hasText ? this.#content : null,
      refusal: null,
      ...(this.#calls.length > 0 && { tool_calls: this.#calls }),
      ...(this.#reasoning !== '' && { reasoning_content: this.#reasoning }),
      ...(this.#details.length > 0 && { reasoning_details: this.#details }),
      ...(this.#images.length > 0 && { images: this.#images.map(toImagePart) }),
    };
  }
}

/** An image in the form of other servers that return images through Chat (OpenRouter). */
export const toImagePart = (url: string) => ({ type: 'image_url' as const, image_url: { url } });
