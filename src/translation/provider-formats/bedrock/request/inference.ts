/**
 * Builds sampling, length and thinking: `inferenceConfig`, and model-specific members in
 * `additionalModelRequestFields`.
 */
import type { ClaudeModel } from '../../anthropic/claude-models.js';
import { createInvalidBodyError } from '../../../pivot/body-shape.js';
import type { ChatRequest, JsonObject } from '../../../pivot/chat.js';
import type { BedrockModel } from '../models.js';

export interface Inference {
  inferenceConfig: JsonObject;
  /** Merged into `additionalModelRequestFields`. */
  additional: JsonObject;
}

/** Thinking tokens by effort, for models with a budget; Anthropic's minimum is 1,024. */
const BUDGETS: Readonly<Record<string, number>> = {
  minimal: 1_024,
  low: 2_048,
  medium: 8_192,
  high: 16_384,
  xhigh: 24_000,
  max: 24_000,
};
const MIN_BUDGET = 1_024;
/** Maximum temperature of Converse; Chat's is 2. */
const MAX_TEMPERATURE = 1;
/**
 * Tokens for the response if the client sets no limit. With the largest budget the sum is exactly Claude Opus 4's
 * maximum.
 */
const RESPONSE_TOKENS = 8_000;
/**
 * Share of the client's limit for thinking. Thinking counts towards the limit, so at least a fifth stays for the
 * response.
 */
const MAX_SHARE = 0.8;

export interface ThinkingConstraints {
  /** Whether a tool call is forced: Claude thinks only if it is free to call or not. */
  isForced: boolean;
  /** Whether the last assistant turn called tools and lacks its thinking, which Claude with a budget requires. */
  lacksThinking: boolean;
}

export function buildInference(
  chat: ChatRequest,
  model: BedrockModel,
  constraints: ThinkingConstraints,
  dropped: Set<string>,
): Inference {
  const maxTokens = chat.max_completion_tokens ?? chat.max_tokens ?? undefined;
  const thinking = buildThinking(chat.reasoning_effort ?? undefined, maxTokens, model, constraints, dropped);
  const sampling = buildSampling(chat, model, thinking.isOn, dropped);
  const stop = typeof chat.stop === 'string' ? [chat.stop] : chat.stop;
  const limit = thinking.maxTokens ?? maxTokens;
  return {
    inferenceConfig: {
      ...(limit === undefined ? {} : { maxTokens: limit }),
      ...sampling.inferenceConfig,
      ...(stop?.length ? { stopSequences: stop } : {}),
    },
    additional: { ...sampling.additional, ...thinking.additional },
  };
}

interface Thinking {
  isOn: boolean;
  maxTokens?: number;
  additional: JsonObject;
}

const OFF: Thinking = { isOn: false, additional: {} };

function buildThinking(
  effort: string | undefined,
  maxTokens: number | undefined,
  model: BedrockModel,
  constraints: ThinkingConstraints,
  dropped: Set<string>,
): Thinking {
  if (effort === undefined) return { ...OFF, isOn: model.claude?.thinking === 'always' };
  if (effort === 'none') return disableThinking(model, dropped);
  if (!(effort in BUDGETS))
    throw createInvalidBodyError('reasoning_effort', `none, ${Object.keys(BUDGETS).join(', ')}`);
  const thinking = model.reasons ? buildEffort(effort, maxTokens, model, constraints) : null;
  if (thinking === null) dropped.add('reasoning_effort');
  return thinking ?? OFF;
}

/** Disables thinking, or minimizes it if it cannot be off. */
function disableThinking({ claude }: BedrockModel, dropped: Set<string>): Thinking {
  if (claude?.thinking === 'adaptive') return { isOn: false, additional: { thinking: { type: 'disabled' } } };
  if (claude?.thinking !== 'always') return OFF;
  dropped.add('reasoning_effort');
  return { isOn: true, additional: { output_config: { effort: 'low' } } };
}

/** Returns null if the model cannot think in this call. */
function buildEffort(
  effort: string,
  maxTokens: number | undefined,
  { family, claude }: BedrockModel,
  constraints: ThinkingConstraints,
): Thinking | null {
  if (claude) return buildClaudeThinking(effort, maxTokens, claude, constraints);
  const level = effort === 'minimal' ? 'low' : effort === 'xhigh' || effort === 'max' ? 'high' : effort;
  if (family === 'nova')
    return { isOn: false, additional: { reasoningConfig: { type: 'enabled', maxReasoningEffort: level } } };
  const additional = family === 'gpt-oss' ? { reasoning_effort: level } : { reasoning: { effort: level } };
  return { isOn: false, additional };
}

function buildClaudeThinking(
  effort: string,
  maxTokens: number | undefined,
  claude: ClaudeModel,
  { isForced, lacksThinking }: ThinkingConstraints,
): Thinking | null {
  if (isForced && claude.thinking !== 'always') return null;
  if (claude.thinking !== 'budget') {
    const level =
      effort === 'minimal' ? 'low' : effort === 'xhigh' || effort === 'max' ? limitEffort(effort, claude) : effort;
    const display = claude.hidesThinking ? { display: 'summarized' } : {};
    return { isOn: true, additional: { thinking: { type: 'adaptive', ...display }, output_config: { effort: level } } };
  }
  const share = maxTokens === undefined ? Infinity : Math.floor(maxTokens * MAX_SHARE);
  const budget = Math.min(BUDGETS[effort]!, share);
  if (budget < MIN_BUDGET || lacksThinking) return null;
  return {
    isOn: true,
    maxTokens: maxTokens ?? budget + RESPONSE_TOKENS,
    additional: { thinking: { type: 'enabled', budget_tokens: budget } },
  };
}

const limitEffort = (effort: string, claude: ClaudeModel): string => (claude.takesHighestEffort ? effort : 'high');

function buildSampling(chat: ChatRequest, model: BedrockModel, isThinking: boolean, dropped: Set<string>): Inference {
  let { temperature, top_p: topP, top_k: topK } = chat;
  const drop = (name: 'temperature' | 'top_p' | 'top_k'): null => {
    if (typeof chat[name] === 'number') dropped.add(name);
    return null;
  };
  if (!model.takesSampling || isThinking) {
    temperature = drop('temperature');
    topP = drop('top_p');
    topK = drop('top_k');
  } else if (model.takesOneOfSampling && typeof temperature === 'number') topP = drop('top_p');
  if (typeof temperature === 'number' && temperature > MAX_TEMPERATURE) dropped.add('temperature');
  const topKMember = typeof topK === 'number' ? buildTopK(model, topK) : {};
  if (topKMember === null) drop('top_k');
  return {
    inferenceConfig: {
      ...(typeof temperature === 'number' ? { temperature: Math.min(temperature, MAX_TEMPERATURE) } : {}),
      ...(typeof topP === 'number' ? { topP } : {}),
    },
    additional: topKMember ?? {},
  };
}

function buildTopK({ family }: BedrockModel, topK: number): JsonObject | null {
  if (family === 'claude' || family === 'mistral') return { top_k: topK };
  return family === 'nova' ? { inferenceConfig: { topK } } : null;
}
