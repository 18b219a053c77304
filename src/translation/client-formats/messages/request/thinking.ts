/** Reads the reasoning effort and the response format, and whether the client wants to see the thinking. */
import type { ChatRequest, JsonObject, ReasoningEffort } from '../../../pivot/chat.js';
import { createInvalidBodyError, isObject, readObject } from '../../../pivot/body-shape.js';
import { type DroppedMembers, readNumber } from './members.js';
import { toResponseFormat } from './output-format.js';

const THINKING_MEMBERS: ReadonlySet<string> = new Set(['type', 'budget_tokens', 'display']);
const OUTPUT_MEMBERS: ReadonlySet<string> = new Set(['effort', 'format']);

const EFFORTS: Readonly<Record<string, ReasoningEffort>> = {
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'xhigh',
  max: 'xhigh',
};

/** Chat has no budgets: below the first figure a budget becomes low effort, below the second medium, otherwise high. */
const MEDIUM_FROM_TOKENS = 4_000;
const HIGH_FROM_TOKENS = 16_000;

/**
 * Reads `thinking` and `output_config` (on the older wire version `output_format`). An explicit effort takes precedence
 * over a budget. Adaptive thinking without an effort is high, which is Anthropic's own default. Without both, the
 * vendor's default applies.
 */
export function readThinking(body: JsonObject, dropped: DroppedMembers): Partial<ChatRequest> {
  const output = isObject(body['output_config']) ? body['output_config'] : {};
  dropped.addOthers(output, OUTPUT_MEMBERS, 'output_config.');
  const effort = readEffort(body['thinking'], output['effort'], dropped);
  const format = output['format'] ?? body['output_format'] ?? null;
  return {
    ...(effort === null ? {} : { reasoning_effort: effort }),
    ...(format === null ? {} : { response_format: toResponseFormat(readObject(format, 'output_config.format')) }),
  };
}

function readEffort(thinking: unknown, value: unknown, dropped: DroppedMembers): ReasoningEffort | null {
  const effort = typeof value === 'string' ? EFFORTS[value] : undefined;
  if (value !== undefined && value !== null && effort === undefined)
    throw createInvalidBodyError('output_config.effort', '"low", "medium", "high", "xhigh" or "max"');
  if (thinking === undefined || thinking === null) return effort ?? null;
  const requested = readObject(thinking, 'thinking');
  dropped.addOthers(requested, THINKING_MEMBERS, 'thinking.');
  if (requested['type'] === 'disabled') {
    if (effort !== undefined) dropped.add('output_config.effort');
    return 'none';
  }
  if (effort !== undefined) return effort;
  if (requested['type'] !== 'enabled') return 'high';
  const budget = readNumber(requested['budget_tokens'], 'thinking.budget_tokens');
  if (budget < MEDIUM_FROM_TOKENS) return 'low';
  return budget < HIGH_FROM_TOKENS ? 'medium' : 'high';
}

/**
 * Whether the client wants thinking blocks with their text. It does not without `thinking`, with `disabled`, or with
 * `display: omitted`.
 */
export function showsThinking({ thinking }: JsonObject): boolean {
  return isObject(thinking) && thinking['type'] !== 'disabled' && thinking['display'] !== 'omitted';
}
