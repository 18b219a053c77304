/**
 * Converts `reasoning_effort` to `thinkingConfig` (ai.google.dev/gemini-api/docs/thinking, and the table of its
 * OpenAI-compatible API).
 */
import type { JsonObject, ReasoningEffort } from '../../../pivot/chat.js';
import { createInvalidBodyError } from '../../../pivot/body-shape.js';
import { knowsTwoLevels, findTraits, type ModelTraits } from '../models.js';

/** Thinking budgets of Gemini 2.5 models, in tokens. */
const BUDGETS: Readonly<Record<Exclude<ReasoningEffort, 'none'>, number>> = {
  minimal: 1024,
  low: 1024,
  medium: 8192,
  high: 24_576,
  xhigh: 24_576,
};
/** Pro's range is wider at both ends, and its thinking cannot be off. */
const PRO_MIN = 128;
const PRO_MAX = 32_768;

const LEVELS: Readonly<Record<ReasoningEffort, string>> = {
  none: 'MINIMAL',
  minimal: 'MINIMAL',
  low: 'LOW',
  medium: 'MEDIUM',
  high: 'HIGH',
  xhigh: 'HIGH',
};

export interface Thinking {
  /** Undefined: left out, so the model's default applies. */
  config?: JsonObject;
  /** False if the effort could not be expressed, or if "none" became the minimum. */
  isHonored: boolean;
}

/** Requests thoughts with every effort except "none", so that `reasoning_content` has content. */
export function toThinking(effort: ReasoningEffort, model: string): Thinking {
  if (!Object.hasOwn(LEVELS, effort)) {
    throw createInvalidBodyError('reasoning_effort', '"none", "minimal", "low", "medium", "high" or "xhigh"');
  }
  const traits = findTraits(model);
  if (traits.thinking === 'none') return { isHonored: effort === 'none' };
  return traits.thinking === 'budget' ? toBudget(effort, traits) : toLevel(effort, model, traits);
}

function toBudget(effort: ReasoningEffort, { isPro }: ModelTraits): Thinking {
  if (effort === 'none') return { config: { thinkingBudget: isPro ? PRO_MIN : 0 }, isHonored: !isPro };
  const thinkingBudget = isPro && effort === 'xhigh' ? PRO_MAX : BUDGETS[effort];
  return { config: { thinkingBudget, includeThoughts: true }, isHonored: true };
}

function toLevel(effort: ReasoningEffort, model: string, { isPro }: ModelTraits): Thinking {
  let thinkingLevel = LEVELS[effort];
  if (isPro && thinkingLevel === 'MINIMAL') thinkingLevel = 'LOW';
  if (thinkingLevel === 'MEDIUM' && knowsTwoLevels(model)) thinkingLevel = 'HIGH';
  return effort === 'none'
    ? { config: { thinkingLevel }, isHonored: false }
    : { config: { thinkingLevel, includeThoughts: true }, isHonored: true };
}
