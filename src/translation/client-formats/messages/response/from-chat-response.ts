import { parseExact } from '../../../../providers/json/exact.js';
import type { ChatChoice, ChatCompletion, JsonObject, ReasoningDetail, ToolCall } from '../../../pivot/chat.js';
import { toCitations, toPictureText } from './citations.js';
import { toEnding, findMatchedStop, toMessageUsage } from './figures.js';
import { getRedactedData, sealEnvelope, getSignature, getText, removeText } from '../../../replay/messages-envelope.js';

/** Members of the request on which the response depends. */
export interface ResponseTerms {
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
export function toMessage(completion: ChatCompletion, terms: ResponseTerms): JsonObject {
  const choice = completion.choices[0];
  const calls = choice?.message.tool_calls ?? [];
  const refusal = choice?.message.refusal ?? '';
  const { stopSequences } = terms;
  return {
    ...createMessageHead(completion, terms),
    content: choice ? buildContent(choice, calls, terms) : [],
    ...toEnding(
      choice?.finish_reason ?? null,
      choice && findMatchedStop(choice),
      stopSequences,
      calls.length > 0,
      refusal,
    ),
    usage: toMessageUsage(completion.usage),
  };
}

export function createMessageHead({ id, model }: { id: string; model: string }, terms: ResponseTerms): JsonObject {
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
function buildContent({ message }: ChatChoice, calls: readonly ToolCall[], terms: ResponseTerms): JsonObject[] {
  const texts: JsonObject[] = [];
  const citations = toCitations(message.annotations ?? []);
  if (message.content) texts.push({ type: 'text', text: message.content, ...(citations.length > 0 && { citations }) });
  for (const text of [message.refusal, ...(message.images ?? []).map(toPictureText)])
    if (text) texts.push({ type: 'text', text });
  const toolUses = calls.flatMap(toCallBlocks);
  const { showsThinking, origin } = terms;
  if (showsThinking) return interleave(buildShownThinking(message, origin), [...texts, ...toolUses]);
  return calls.length === 0 ? texts : [...texts, ...buildHiddenThinking(message, origin), ...toolUses];
}

/** A thinking block, and its position among all blocks where the vendor sent one. */
interface ThinkingBlock {
  at: number;
  block: JsonObject;
}

function interleave(thinking: readonly ThinkingBlock[], others: readonly JsonObject[]): JsonObject[] {
  const blocks: JsonObject[] = [];
  let next = 0;
  for (const { at, block } of thinking) {
    while (blocks.length < at && next < others.length) blocks.push(others[next++]!);
    blocks.push(block);
  }
  return blocks.concat(others.slice(next));
}

type Reasoning = Pick<ChatChoice['message'], 'reasoning_content' | 'reasoning_details'>;

function buildShownThinking(
  { reasoning_content: content, reasoning_details: reasoningDetails }: Reasoning,
  origin?: string,
): ThinkingBlock[] {
  const details = reasoningDetails ?? [];
  const thinking = details.map((detail) => ({ at: detail.index ?? 0, block: toShownBlock(detail) }));
  if (content && !details.some((detail) => getText(detail) !== ''))
    thinking.unshift({ at: 0, block: { type: 'thinking', thinking: content, signature: getSignature(null, origin) } });
  return thinking;
}

function toShownBlock(detail: ReasoningDetail): JsonObject {
  if (detail.type === 'reasoning.encrypted') return { type: 'redacted_thinking', data: getRedactedData(detail) };
  return { type: 'thinking', thinking: getText(detail), signature: getSignature(removeText(detail)) };
}

function buildHiddenThinking(
  { reasoning_content: content, reasoning_details: reasoningDetails }: Reasoning,
  from?: string,
): JsonObject[] {
  const details = reasoningDetails ?? [];
  const blocks: JsonObject[] = details.map((detail) => ({ type: 'redacted_thinking', data: getRedactedData(detail) }));
  if (content && !details.some((detail) => getText(detail) !== ''))
    blocks.unshift({ type: 'redacted_thinking', data: sealEnvelope({ from, text: content }) });
  return blocks;
}

function toCallBlocks(call: ToolCall): JsonObject[] {
  const block: JsonObject = {
    type: 'tool_use',
    id: call.id,
    name: call.function.name,
    input: parseInput(call.function.arguments),
  };
  const extra = call.extra_content;
  if (!extra) return [block];
  return [{ type: 'redacted_thinking', data: sealEnvelope({ call: { id: call.id, extra_content: extra } }) }, block];
}

/**
 * Parses the arguments. A model can write arguments that are not JSON: then they are wrapped, the client's own check
 * refuses them, and the model can see what it wrote.
 */
function parseInput(text: string): unknown {
  if (text.trim() === '') return {};
  try {
    const input = parseExact(text);
    return typeof input === 'object' && input !== null ? input : { arguments: input };
  } catch {
    return { arguments: text };
  }
}
