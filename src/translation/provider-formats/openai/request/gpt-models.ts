/**
 * Parameters that OpenAI's models accept, derived from the model name. The name may carry a provider's prefix
 * (`openai/gpt-5`), a fine-tuning prefix (`ft:o4-mini:…`), a date or a part of an Azure deployment's name. Sources:
 * platform.openai.com/docs/guides/reasoning and /docs/guides/latest-model (parameter compatibility), and the errors
 * that the API returns.
 */
import type { Effort } from './efforts.js';

export interface OpenAiModel {
  /** Takes `reasoning_effort`. */
  reasons: boolean;
  /**
   * Accepts `reasoning` in a Responses request. Models that accept no effort use the member only to request a summary.
   */
  takesReasoning: boolean;
  /** The values of `reasoning_effort`, from the least effort to the most. */
  efforts: readonly Effort[];
  /** Takes temperature, top_p, penalties, log probabilities and stop sequences at any effort. */
  takesSampling: boolean;
  /** Takes stop sequences. */
  takesStop: boolean;
  /** Takes temperature, top_p and log probabilities where `reasoning_effort` is `none`. */
  takesSamplingWithoutEffort: boolean;
  /** Takes `parallel_tool_calls`. */
  takesParallelCalls: boolean;
  /** Takes `verbosity` other than `medium`. */
  takesVerbosity: boolean;
  /** Refuses function tools beside an effort on `chat/completions`. */
  refusesToolsWithEffort: boolean;
  /** Reasons when `reasoning_effort` is absent, so function tools on `chat/completions` need an explicit `none`. */
  needsNoneForTools: boolean;
}

const O_SERIES = /(?:^|[^a-z0-9])(?:o[1-9]|codex-mini)(?![a-z0-9])/;
/** `gpt-35` is Azure's name for version 3.5. */
const GPT = /(?:^|[^a-z0-9])gpt-?([5-9]|1\d)(?:\.(\d+))?(?!\d)/;

const CLASSIC: OpenAiModel = {
  reasons: false,
  takesReasoning: false,
  efforts: [],
  takesSampling: true,
  takesStop: true,
  takesSamplingWithoutEffort: false,
  takesParallelCalls: true,
  takesVerbosity: false,
  refusesToolsWithEffort: false,
  needsNoneForTools: false,
};

const O_MODEL: OpenAiModel = {
  ...CLASSIC,
  reasons: true,
  takesReasoning: true,
  efforts: ['low', 'medium', 'high'],
  takesSampling: false,
  takesStop: false,
  takesParallelCalls: false,
};

/**
 * Models of the o-series that accept stop sequences; only `o3` and `o4-mini` refuse them
 * (platform.openai.com/docs/api-reference/chat/create, `stop`).
 */
const TAKES_STOP = /(?:^|[^a-z0-9])o(?:1|3-mini)(?![a-z0-9])/;

/** Summarizes its reasoning (platform.openai.com/docs/guides/tools-computer-use, `reasoning.summary`). */
const COMPUTER_USE: OpenAiModel = { ...CLASSIC, takesReasoning: true };

const parsedModels = new Map<string, OpenAiModel>();
/** Cache size: enough for every existing model; other names are parsed each time. */
const MODEL_CACHE_SIZE = 500;

export function findOpenAiModel(id: string): OpenAiModel {
  const found = parsedModels.get(id);
  if (found) return found;
  const model = readModel(id.toLowerCase());
  if (parsedModels.size < MODEL_CACHE_SIZE) parsedModels.set(id, model);
  return model;
}

function readModel(id: string): OpenAiModel {
  const gpt = GPT.exec(id);
  if (!gpt) return findOModel(id) ?? (id.includes('computer-use') ? COMPUTER_USE : CLASSIC);
  const version = Number(gpt[1]) * 100 + Number(gpt[2] ?? 0);
  if (id.includes('-chat')) return createChatModel(version);
  return {
    reasons: true,
    takesReasoning: true,
    efforts: listEfforts(version, id),
    takesSampling: false,
    takesStop: false,
    takesSamplingWithoutEffort: version >= 501,
    takesParallelCalls: true,
    takesVerbosity: true,
    refusesToolsWithEffort: version >= 504,
    needsNoneForTools: version >= 506,
  };
}

function findOModel(id: string): OpenAiModel | null {
  if (!O_SERIES.test(id)) return null;
  return TAKES_STOP.test(id) ? { ...O_MODEL, takesStop: true } : O_MODEL;
}

/** ChatGPT models choose their effort themselves; the first one does not reason. */
function createChatModel(version: number): OpenAiModel {
  const isClassic = version === 500;
  return { ...CLASSIC, takesSampling: isClassic, takesStop: isClassic };
}

function listEfforts(version: number, id: string): readonly Effort[] {
  if (id.includes('-pro')) return version === 500 ? ['high'] : ['medium', 'high', 'xhigh'];
  if (version === 500) return id.includes('codex') ? ['low', 'medium', 'high'] : ['minimal', 'low', 'medium', 'high'];
  if (id.includes('codex'))
    return version === 501 && !id.includes('-max') ? ['low', 'medium', 'high'] : ['low', 'medium', 'high', 'xhigh'];
  if (version === 501) return ['none', 'low', 'medium', 'high'];
  return version < 506 ? ['none', 'low', 'medium', 'high', 'xhigh'] : ['none', 'low', 'medium', 'high', 'xhigh', 'max'];
}
