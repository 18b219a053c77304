/** Configuration of the rules for tool calls of an LLM proxy. Pure types: higher modules apply them. */

/** `block_when_untrusted`: blocks if the conversation holds results of tools that are not trusted, otherwise allows. */
export const TOOL_CALL_ACTIONS = ['allow', 'block', 'block_when_untrusted'] as const;
export type ToolCallAction = (typeof TOOL_CALL_ACTIONS)[number];

export const TOOL_CALL_DEFAULTS = ['allow', 'block'] as const;
export type ToolCallDefault = (typeof TOOL_CALL_DEFAULTS)[number];

/** What a blocked call becomes: an error, or a text in its place. */
export const TOOL_CALL_REACTIONS = ['error', 'refuse'] as const;
export type ToolCallReaction = (typeof TOOL_CALL_REACTIONS)[number];

/** The name in records of decisions that no rule of the admin made. */
export const TOOL_CALLS_GUARDRAIL = 'toolCalls';

export type Scalar = string | number | boolean | null;

/**
 * A condition on a value in a call's arguments. All comparisons that are present must hold; at least one is present.
 * Stored as JSON.
 */
export interface ToolCondition {
  /** JSON Pointer (RFC 6901) into the arguments. */
  readonly pointer: string;
  readonly equals?: Scalar;
  readonly in?: readonly Scalar[];
  /** RE2's syntax, matched anywhere in the value. */
  readonly matches?: string;
  readonly exists?: boolean;
  readonly gt?: number;
  readonly gte?: number;
  readonly lt?: number;
  readonly lte?: number;
}

/** Stored as JSON. */
export interface ToolCallRule {
  readonly name: string;
  /** Patterns of tool names; `*` is any characters. */
  readonly tools: readonly string[];
  /** All must hold; empty: always. */
  readonly when: readonly ToolCondition[];
  readonly action: ToolCallAction;
}

/** Stored as JSON. */
export interface ToolCallPolicy {
  /** The first match decides. */
  readonly rules: readonly ToolCallRule[];
  /** What happens to calls that match no rule. */
  readonly default: ToolCallDefault;
  /** Patterns of the names of tools whose results are trusted. */
  readonly trustedTools: readonly string[];
  readonly onBlock: ToolCallReaction;
}
