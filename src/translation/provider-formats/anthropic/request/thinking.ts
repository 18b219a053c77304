import { createInvalidBodyError } from '../../../pivot/body-shape.js';
import type { ChatRequest, JsonObject } from '../../../pivot/chat.js';
import type { ClaudeModel } from '../claude-models.js';
import { isThinking } from '../reasoning-replay.js';
import type { Turn } from './turns.js';

export interface Thinking {
  thinking?: JsonObject;
  /** `output_config.effort`. */
  effort?: string;
  /** Whether `thinking` enables it: the vendor then accepts no sampling parameters. */
  isOn: boolean;
}

export interface ThinkingNeeds {
  maxTokens: number;
  isToolForced: boolean;
  turns: readonly Turn[];
}

/** Thinking tokens by effort, for models with a budget; the vendor's minimum is 1,024. */
export const BUDGETS: Readonly<Record<string, number>> = {
  minimal: 1024,
  low: 2048,
  medium: 8192,
  high: 24_576,
  xhigh: 32_000,
  max: 32_000,
};
const MIN_BUDGET = 1024;
/**
 * Share of `max_tokens` for thinking. Thinking counts towards `max_tokens`, so at least a fifth stays for the response.
 */
const MAX_SHARE = 0.8;
const OFF: Thinking = { isOn: false };

/** Converts `reasoning_effort` for the model's generation (platform.claude.com/docs/en/build-with-claude/thinking). */
export function buildThinking(
  { reasoning_effort: effort }: ChatRequest,
  claude: ClaudeModel,
  needs: ThinkingNeeds,
  dropped: Set<string>,
): Thinking {
  if (effort === null || effort === undefined) return OFF;
  if (effort === 'none') return disableThinking(claude, dropped);
  if (!Object.hasOwn(BUDGETS, effort))
    throw createInvalidBodyError('reasoning_effort', `one of none, ${Object.keys(BUDGETS).join(', ')}`);
  if (claude.thinking === 'adaptive' || claude.thinking === 'always') {
    const display = claude.hidesThinking ? { display: 'summarized' } : {};
    return { thinking: { type: 'adaptive', ...display }, effort: toEffort(effort, claude), isOn: true };
  }
  const budget = Math.min(BUDGETS[effort]!, Math.floor(needs.maxTokens * MAX_SHARE));
  if (claude.thinking === 'never' || budget < MIN_BUDGET || needs.isToolForced || lacksThinking(needs.turns)) {
    dropped.add('reasoning_effort');
    return OFF;
  }
  return { thinking: { type: 'enabled', budget_tokens: budget }, isOn: true };
}

/** Disables thinking, or minimizes it if it cannot be off. */
function disableThinking(claude: ClaudeModel, dropped: Set<string>): Thinking {
  if (claude.thinking === 'adaptive') return { thinking: { type: 'disabled' }, isOn: false };
  if (claude.thinksBetweenTools) return { thinking: { type: 'between_tools' }, isOn: true };
  if (claude.thinking !== 'always') return OFF;
  dropped.add('reasoning_effort');
  return { effort: 'low', isOn: true };
}

function toEffort(effort: string, claude: ClaudeModel): string {
  if (effort === 'minimal') return 'low';
  if (effort === 'xhigh' || effort === 'max') return claude.takesHighestEffort ? effort : 'high';
  return effort;
}

/**
 * Whether the last assistant turn lacks its thinking. With a budget, the vendor refuses a last assistant turn that has
 * calls, or is to be continued, and does not begin with its thinking. The caller may lack that thinking, or the turn
 * may come from another vendor.
 */
function lacksThinking(turns: readonly Turn[]): boolean {
  const last = turns.findLast(({ role }) => role === 'assistant');
  if (!last) return false;
  const needsThinking = last === turns.at(-1) || last.content.some(({ type }) => type === 'tool_use');
  return needsThinking && !isThinking(last.content[0]!);
}
