/** Converts requests for reasoning, and the reasoning itself (docs.cohere.com/docs/reasoning). */
import type { AssistantMessage, ReasoningDetail, ReasoningEffort } from '../../pivot/chat.js';

/** `format` of Cohere's reasoning. Cohere signs nothing, so only this mark identifies it. */
export const COHERE_FORMAT = 'cohere-chat-v2';

/** Models that refuse to be asked for reasoning. All others, including new ones, count as reasoning. */
const DOES_NOT_REASON =
  /^(?:command(?:-(?:light|nightly|r|r7b|r-plus)\b|$)|command-a-(?:03-2025|vision|translate)|c4ai-|tiny-aya)/;

/** Tokens by effort; an effort without a number is unlimited. */
const BUDGETS: Partial<Record<ReasoningEffort, number>> = { minimal: 512, low: 2_048, medium: 8_192 };

export interface CohereThinking {
  type: 'enabled' | 'disabled';
  token_budget?: number;
}

export function toThinking(
  effort: ReasoningEffort | null | undefined,
  model: string,
  dropped: Set<string>,
): CohereThinking | undefined {
  if (effort === null || effort === undefined) return undefined;
  if (DOES_NOT_REASON.test(model)) {
    if (effort !== 'none') dropped.add('reasoning_effort');
    return undefined;
  }
  if (effort === 'none') return { type: 'disabled' };
  const budget = BUDGETS[effort];
  return { type: 'enabled', ...(budget !== undefined && { token_budget: budget }) };
}

export function toReasoningDetail(text: string, index: number): ReasoningDetail {
  return { type: 'reasoning.text', text, format: COHERE_FORMAT, index };
}

/** Returns Cohere's own thoughts in a message. Thoughts of another or an unknown vendor are left out and named. */
export function readReasoning(message: AssistantMessage, dropped: Set<string>): string[] {
  const reasoning: string[] = [];
  for (const detail of message.reasoning_details ?? [])
    if (detail.format === COHERE_FORMAT && detail.type === 'reasoning.text') reasoning.push(detail.text);
    else dropped.add('messages[].reasoning_details');
  if (reasoning.length === 0 && message.reasoning_content) dropped.add('messages[].reasoning_content');
  return reasoning;
}
