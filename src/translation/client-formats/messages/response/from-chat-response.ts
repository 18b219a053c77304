import { parseExact } from '../../../../providers/json/exact.js';
import type { ChatChoice, ChatCompletion, JsonObject, ReasoningDetail, ToolCall } from '../../../pivot/chat.js';
import { citationsOf, pictureText } from './citations.js';
import { endingOf, matchedStop, usageOf } from './figures.js';
import { redactedDataOf, sealEnvelope, signatureOf, textOf, withoutText } from '../../../replay/messages-envelope.js';

/** Members of the request on which the response depends. */
export interface AnswerTerms {
  /** Id for vendors whose own is not in Anthropic's format. */
  id: string;
  /** Model as requested. */
  model: string;
  stopSequences: readonly string[];
  showsThinking: boolean;
  /** Origin of the vendor's replay data. */
  origin?: string;
}

/** Returns a whole response as Anthropic's Message. */
export function messageOf(completion: ChatCompletion, terms: AnswerTerms): JsonObject {
  const choice = completion.choices[0];
  const calls = choice?.message.tool_calls ?? [];
  const refusal = choice?.message.refusal ?? '';
  const { stopSequences } = terms;
  return {
    ...messageHead(completion, terms),
    content: choice ? contentOf(choice, calls, terms) : [],
    ...endingOf(choice?.finish_reason ?? null, choice && matchedStop(choice), stopSequences, calls.length > 0, refusal),
    usage: usageOf(completion.usage),
  };
}

export function messageHead({ id, model }: { id: string; model: string }, terms: AnswerTerms): JsonObject {
  return {
    id: id.startsWith('msg_') ? id : terms.id,
    type: 'message',
    role: 'assistant',
    model: model === '' ? terms.model : model,
    container: null,
  };
}

/**
 * Returns the content blocks. Hidden thinking is included only with tool calls, as only a turn that continues needs it.
 */
function contentOf({ message }: ChatChoice, calls: readonly ToolCall[], terms: AnswerTerms): JsonObject[] {
  const texts: JsonObject[] = [];
  const citations = citationsOf(message.annotations ?? []);
  if (message.content) texts.push({ type: 'text', text: message.content, ...(citations.length > 0 && { citations }) });
  for (const text of [message.refusal, ...(message.images ?? []).map(pictureText)])
    if (text) texts.push({ type: 'text', text });
  const called = calls.flatMap(callBlocks);
  const { showsThinking, origin } = terms;
  if (showsThinking) return interleaved(shownThinking(message, origin), [...texts, ...called]);
  return calls.length === 0 ? texts : [...texts, ...hiddenThinking(message, origin), ...called];
}

/** A thinking block, and its position among all blocks where the vendor sent one. */
interface Thought {
  at: number;
  block: JsonObject;
}

function interleaved(thoughts: readonly Thought[], others: readonly JsonObject[]): JsonObject[] {
  const blocks: JsonObject[] = [];
  let next = 0;
  for (const { at, block } of thoughts) {
    while (blocks.length < at && next < others.length) blocks.push(others[next++]!);
    blocks.push(block);
  }
  return blocks.concat(others.slice(next));
}

type Reasoning = Pick<ChatChoice['message'], 'reasoning_content' | 'reasoning_details'>;

function shownThinking({ reasoning_content: content, reasoning_details: told }: Reasoning, origin?: string): Thought[] {
  const details = told ?? [];
  const thoughts = details.map((detail) => ({ at: detail.index ?? 0, block: shownBlock(detail) }));
  if (content && !details.some((detail) => textOf(detail) !== ''))
    thoughts.unshift({ at: 0, block: { type: 'thinking', thinking: content, signature: signatureOf(null, origin) } });
  return thoughts;
}

function shownBlock(detail: ReasoningDetail): JsonObject {
  if (detail.type === 'reasoning.encrypted') return { type: 'redacted_thinking', data: redactedDataOf(detail) };
  return { type: 'thinking', thinking: textOf(detail), signature: signatureOf(withoutText(detail)) };
}

function hiddenThinking(
  { reasoning_content: content, reasoning_details: told }: Reasoning,
  from?: string,
): JsonObject[] {
  const details = told ?? [];
  const blocks: JsonObject[] = details.map((detail) => ({ type: 'redacted_thinking', data: redactedDataOf(detail) }));
  if (content && !details.some((detail) => textOf(detail) !== ''))
    blocks.unshift({ type: 'redacted_thinking', data: sealEnvelope({ from, text: content }) });
  return blocks;
}

function callBlocks(call: ToolCall): JsonObject[] {
  const block: JsonObject = {
    type: 'tool_use',
    id: call.id,
    name: call.function.name,
    input: inputOf(call.function.arguments),
  };
  const extra = call.extra_content;
  if (!extra) return [block];
  return [{ type: 'redacted_thinking', data: sealEnvelope({ call: { id: call.id, extra_content: extra } }) }, block];
}

/**
 * Parses the arguments. A model can write arguments that are not JSON: then they are wrapped, the client's own check
 * refuses them, and the model can see what it wrote.
 */
function inputOf(text: string): unknown {
  if (text.trim() === '') return {};
  try {
    const input = parseExact(text);
    return typeof input === 'object' && input !== null ? input : { arguments: input };
  } catch {
    return { arguments: text };
  }
}
