/** How hard the model is asked to think, and whether the client wants to see it. */
import type { ChatRequest, JsonObject, ReasoningEffort } from '../chat.js';
import { invalid, isObject, objectAt } from '../chat/body-shape.js';
import { type DroppedMembers, numberAt } from './request-members.js';
import { schemaFormat } from './schema-format.js';

const THINKING_MEMBERS: ReadonlySet<string> = new Set(['type', 'budget_tokens', 'display']);
const OUTPUT_MEMBERS: ReadonlySet<string> = new Set(['effort', 'format']);

const EFFORTS: Readonly<Record<string, ReasoningEffort>> = {
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'xhigh',
  max: 'xhigh',
};

/** Budgets have no place in Chat: below the first figure it is low effort, below the second medium, else high. */
const MEDIUM_FROM_TOKENS = 4_000;
const HIGH_FROM_TOKENS = 16_000;

/**
 * `thinking` and `output_config` (on the older wire `output_format`). An effort that is told wins over a budget; adaptive
 * thinking without one is high, which is Anthropic's own default. Without both, the vendor's default stands.
 */
export function thinkingMembers(body: JsonObject, dropped: DroppedMembers): Partial<ChatRequest> {
  const output = isObject(body['output_config']) ? body['output_config'] : {};
  dropped.nameOthers(output, OUTPUT_MEMBERS, 'output_config.');
  const effort = effortOf(body['thinking'], output['effort'], dropped);
  const format = output['format'] ?? body['output_format'] ?? null;
  return {
    ...(effort === null ? {} : { reasoning_effort: effort }),
    ...(format === null ? {} : { response_format: schemaFormat(objectAt(format, 'output_config.format')) }),
  };
}

function effortOf(thinking: unknown, told: unknown, dropped: DroppedMembers): ReasoningEffort | null {
  const effort = typeof told === 'string' ? EFFORTS[told] : undefined;
  if (told !== undefined && told !== null && effort === undefined)
    throw invalid('output_config.effort', '"low", "medium", "high", "xhigh" or "max"');
  if (thinking === undefined || thinking === null) return effort ?? null;
  const asked = objectAt(thinking, 'thinking');
  dropped.nameOthers(asked, THINKING_MEMBERS, 'thinking.');
  if (asked['type'] === 'disabled') {
    if (effort !== undefined) dropped.name('output_config.effort');
    return 'none';
  }
  if (effort !== undefined) return effort;
  if (asked['type'] !== 'enabled') return 'high';
  const budget = numberAt(asked['budget_tokens'], 'thinking.budget_tokens');
  if (budget < MEDIUM_FROM_TOKENS) return 'low';
  return budget < HIGH_FROM_TOKENS ? 'medium' : 'high';
}

/** Whether thinking blocks with their text are wanted: not by those who did not ask for thinking, nor by `display: omitted`. */
export function showsThinking({ thinking }: JsonObject): boolean {
  return isObject(thinking) && thinking['type'] !== 'disabled' && thinking['display'] !== 'omitted';
}
