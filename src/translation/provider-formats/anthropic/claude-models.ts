/**
 * Differences between Claude's generations in the API, derived from the model id: Anthropic's (`claude-opus-4-6`,
 * `claude-3-5-sonnet-20241022`), Vertex' (`claude-opus-4-5@20251101`) or Bedrock's (`us.anthropic.claude-opus-4-6-v1`).
 * An unknown id that contains `claude` counts as the newest. Sources: platform.claude.com (models, thinking, effort,
 * structured outputs), @ai-sdk/anthropic 3.0.139.
 */

export interface ClaudeModel {
  /** Maximum output in tokens: the `max_tokens` of a request without one. */
  maxOutputTokens: number;
  /** Whether the maximum is known, so that the vendor is certain to refuse a larger one. */
  isKnown: boolean;
  /**
   * `budget`: set as a number of tokens; `adaptive`: set as an effort, can be off; `always`: set as an effort, cannot
   * be off.
   */
  thinking: 'never' | 'budget' | 'adaptive' | 'always';
  /** Omits the text of its thinking unless the request asks for a summary. */
  hidesThinking: boolean;
  /** Accepts `between_tools`, the minimum of thinking where it cannot be off. */
  thinksBetweenTools: boolean;
  /** Refuses a replayed thinking block if anything before it was changed, unless the request asks to drop the block. */
  bindsThinking: boolean;
  /** Accepts the effort `xhigh`. */
  takesHighestEffort: boolean;
  /** Accepts `temperature`, `top_p` and `top_k`; later models refuse them with any value. */
  takesSampling: boolean;
  /** Accepts a forced tool call. */
  takesForcedTools: boolean;
  /** Accepts `output_config.format` and strict tools. */
  takesSchemas: boolean;
}

const ID = /claude-(?:([a-z]+)-)?(\d{1,2})(?:[-.](\d{1,2})(?!\d))?(?:-([a-z]+))?/;
const NEWEST_KNOWN = 505;
const NEWEST = 9999;

export function findClaudeModel(id: string): ClaudeModel {
  if (!id.includes('claude')) return createClaudeModel('', 0);
  const [, before, major, minor, after] = ID.exec(id) ?? [];
  if (major === undefined) return createClaudeModel('', NEWEST);
  return createClaudeModel(before ?? after ?? '', Number(major) * 100 + Number(minor ?? 0));
}

/** @param version 405 is 4.5 */
function createClaudeModel(family: string, version: number): ClaudeModel {
  const isFable = family === 'fable' || family === 'mythos';
  const isHaiku = family === 'haiku';
  const cannotBeOff = isFable || (version >= 505 && !isHaiku);
  return {
    maxOutputTokens: getMaxOutputTokens(family, version),
    isKnown: version > 0 && version <= NEWEST_KNOWN,
    thinking: version < 307 ? 'never' : version < 406 ? 'budget' : cannotBeOff ? 'always' : 'adaptive',
    hidesThinking: version >= 407,
    thinksBetweenTools: family === 'sonnet' && version === 505,
    bindsThinking: version >= (isFable ? 501 : 505),
    takesHighestEffort: version >= 407,
    takesSampling: version < 407,
    takesForcedTools: isHaiku || version < (isFable ? 501 : 505),
    takesSchemas: version >= 405 || (family === 'opus' && version === 401),
  };
}

function getMaxOutputTokens(family: string, version: number): number {
  if (version < 305) return 4096;
  if (version < 307) return 8192;
  if (family === 'opus' && version < 405) return 32_000;
  return version < 406 ? 64_000 : 128_000;
}
