import { getJsonText } from '../../../../providers/json/exact.js';
import { ExactMembers, parseWithMembers } from '../../../../providers/json/exact-members.js';
import type { ChatChoice, ChatCompletion, JsonObject, ReasoningDetail, ToolCall } from '../../../pivot/chat.js';
import type { TranslationContext } from '../../../pivot/translator.js';
import type { UrlAnnotation } from '../../../pivot/url-citation.js';
import { toAnnotations, noteLostBlock } from './citations.js';
import { CLAUDE_FORMAT } from '../reasoning-replay.js';
import { toChatUsage, toFinishReason, readRefusalText } from './stop-reasons.js';
import { JSON_RESPONSE_TOOL } from '../request/tools.js';

const CALLS = new ExactMembers({ raw: ['content[].input'] });

/**
 * Converts a message of the Messages API to a Chat completion. Throws SyntaxError or TypeError if the body is not one.
 */
export function toChatCompletion(body: Uint8Array, context: TranslationContext): ChatCompletion {
  const message = parseWithMembers(body, CALLS) as JsonObject | null;
  const blocks = message?.['content'];
  if (message?.['type'] !== 'message' || !Array.isArray(blocks))
    throw new TypeError('not a message of the Messages API');
  const usage = toChatUsage(message['usage'] as JsonObject | undefined);
  return {
    id: typeof message['id'] === 'string' ? message['id'] : context.id,
    object: 'chat.completion',
    created: context.created,
    model: typeof message['model'] === 'string' ? message['model'] : context.model,
    choices: [toChoice(blocks as JsonObject[], message, (context.lost ??= new Set()))],
    ...(usage ? { usage } : {}),
  };
}

function toChoice(blocks: readonly JsonObject[], message: JsonObject, lost: Set<string>): ChatChoice {
  let content = '';
  let reasoning = '';
  const details: ReasoningDetail[] = [];
  const calls: ToolCall[] = [];
  const annotations: UrlAnnotation[] = [];
  for (const [index, block] of blocks.entries()) {
    noteLostBlock(block['type'], lost);
    if (block['type'] === 'text') {
      const start = content.length;
      content += block['text'] as string;
      annotations.push(...toAnnotations(block['citations'], { start, end: content.length }, lost));
    } else if (block['type'] === 'tool_use') {
      const text = getJsonText(block['input'] ?? {});
      if (block['name'] === JSON_RESPONSE_TOOL) content += text;
      else calls.push(toCall(block, text));
    } else {
      if (block['type'] === 'thinking') reasoning += block['thinking'] as string;
      const detail = toReasoningDetail(block, index);
      if (detail) details.push(detail);
    }
  }
  return {
    index: 0,
    message: {
      role: 'assistant',
      content: content === '' && calls.length > 0 ? null : content,
      refusal: readRefusalText(message['stop_details']),
      ...(calls.length > 0 ? { tool_calls: calls } : {}),
      ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
      ...(details.length > 0 ? { reasoning_details: details } : {}),
      ...(annotations.length > 0 ? { annotations } : {}),
    },
    finish_reason: toFinishReason(message['stop_reason'], calls.length > 0),
    logprobs: null,
  };
}

const toCall = ({ id, name }: JsonObject, text: string): ToolCall => ({
  id: id as string,
  type: 'function',
  function: { name: name as string, arguments: text },
});

/**
 * Returns what the client must send back with the turn. `index`: position of the block in the response. Null for blocks
 * that are not thinking.
 */
export function toReasoningDetail(block: JsonObject, index: number): ReasoningDetail | null {
  if (block['type'] === 'redacted_thinking')
    return { type: 'reasoning.encrypted', data: block['data'] as string, format: CLAUDE_FORMAT, index };
  const { type, thinking, signature } = block;
  if (type !== 'thinking' || typeof signature !== 'string' || signature === '') return null;
  return { type: 'reasoning.text', text: (thinking ?? '') as string, signature, format: CLAUDE_FORMAT, index };
}
