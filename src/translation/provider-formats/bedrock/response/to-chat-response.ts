/** Converts a whole Converse response to a Chat completion. */
import { getJsonText } from '../../../../providers/json/exact.js';
import { ExactMembers, parseWithMembers } from '../../../../providers/json/exact-members.js';
import type { ChatCompletion, ChatUsage, FinishReason, ReasoningDetail, ToolCall } from '../../../pivot/chat.js';
import type { TranslationContext } from '../../../pivot/translator.js';
import type { UrlAnnotation } from '../../../pivot/url-citation.js';
import { toAnnotations, noteLostBlocks } from './citations.js';
import { type ContentBlock, type ConverseResponse, type ConverseUsage, REASONING_FORMAT } from '../wire.js';

const CALLS = new ExactMembers({ raw: ['output.message.content[].toolUse.input'] });

export function toChatCompletion(body: Uint8Array, context: TranslationContext): ChatCompletion {
  const response = parseWithMembers(body, CALLS) as ConverseResponse;
  const blocks = response.output.message?.content ?? [];
  const content = readBlocks(blocks, context.jsonTool, (context.lost ??= new Set()));
  const message: ChatCompletion['choices'][0]['message'] = {
    role: 'assistant',
    content: content.json ?? content.text,
    refusal: null,
    ...(content.calls.length > 0 ? { tool_calls: content.calls } : {}),
    ...(content.reasoning === '' ? {} : { reasoning_content: content.reasoning }),
    ...(content.details.length > 0 ? { reasoning_details: content.details } : {}),
    ...(content.annotations.length > 0 ? { annotations: content.annotations } : {}),
  };
  return {
    id: context.id,
    object: 'chat.completion',
    created: context.created,
    model: context.model,
    choices: [
      {
        index: 0,
        message,
        finish_reason: toFinishReason(response.stopReason, content.calls.length > 0),
        logprobs: null,
      },
    ],
    ...(response.usage ? { usage: toChatUsage(response.usage) } : {}),
  };
}

interface ReadContent {
  text: string | null;
  /** The input of the tool that the translator added for a JSON answer. */
  json: string | null;
  calls: ToolCall[];
  reasoning: string;
  details: ReasoningDetail[];
  annotations: UrlAnnotation[];
}

function readBlocks(blocks: readonly ContentBlock[], jsonTool: string | undefined, lost: Set<string>): ReadContent {
  const content: ReadContent = { text: null, json: null, calls: [], reasoning: '', details: [], annotations: [] };
  for (const block of blocks) {
    const { text, toolUse, reasoningContent, citationsContent } = block;
    noteLostBlocks(block, lost);
    if (text !== undefined) content.text = (content.text ?? '') + text;
    if (citationsContent) addCitations(content, citationsContent, lost);
    if (toolUse) {
      const input = getJsonText(toolUse.input ?? {});
      if (toolUse.name === jsonTool) content.json ??= input;
      else
        content.calls.push({
          id: toolUse.toolUseId,
          type: 'function',
          function: { name: toolUse.name, arguments: input },
        });
    }
    const detail = reasoningContent && toReasoningDetail(reasoningContent, content.details.length);
    if (detail) content.details.push(detail);
    content.reasoning += reasoningContent?.reasoningText?.text ?? '';
  }
  return content;
}

function addCitations(
  said: ReadContent,
  { content = [], citations }: NonNullable<ContentBlock['citationsContent']>,
  lost: Set<string>,
): void {
  const start = said.text?.length ?? 0;
  for (const { text } of content) said.text = (said.text ?? '') + (text ?? '');
  said.annotations.push(...toAnnotations(citations, { start, end: said.text?.length ?? 0 }, lost));
}

export function toReasoningDetail(
  { reasoningText, redactedContent }: NonNullable<ContentBlock['reasoningContent']>,
  index: number,
): ReasoningDetail | null {
  if (redactedContent !== undefined)
    return { type: 'reasoning.encrypted', data: redactedContent, format: REASONING_FORMAT, index };
  if (!reasoningText?.text && !reasoningText?.signature) return null;
  const { text, signature } = reasoningText;
  return { type: 'reasoning.text', text, ...(signature ? { signature } : {}), format: REASONING_FORMAT, index };
}

const REASONS: Readonly<Record<string, FinishReason>> = {
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  content_filtered: 'content_filter',
  guardrail_intervened: 'content_filter',
  refusal: 'content_filter',
};

/** @param hasCalls of the client's own tools. Some models end a turn with calls without reporting `tool_use` */
export function toFinishReason(stopReason: string, hasCalls: boolean): FinishReason {
  return REASONS[stopReason] ?? (hasCalls ? 'tool_calls' : 'stop');
}

/** Converts usage. AWS counts cached input separately from `inputTokens`, and does not report reasoning tokens. */
export function toChatUsage(usage: ConverseUsage): ChatUsage {
  const { cacheReadInputTokens: read, cacheWriteInputTokens: written } = usage;
  const input = (usage.inputTokens ?? 0) + (read ?? 0) + (written ?? 0);
  const output = usage.outputTokens ?? 0;
  const details = {
    ...(typeof read === 'number' ? { cached_tokens: read } : {}),
    ...(typeof written === 'number' ? { cache_write_tokens: written } : {}),
  };
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    ...(typeof read === 'number' || typeof written === 'number' ? { prompt_tokens_details: details } : {}),
  };
}
