/** What an admin asks of the tool calls of an LLM proxy. Pure types: the rooms above apply them. */

/** `block_when_untrusted`: blocks where the conversation holds results of tools that are not trusted, else allows. */
export const TOOL_CALL_ACTIONS = ['allow', 'block', 'block_when_untrusted'] as const;
export type ToolCallAction = (typeof TOOL_CALL_ACTIONS)[number];

export const TOOL_CALL_DEFAULTS = ['allow', 'block'] as const;
export type ToolCallDefault = (typeof TOOL_CALL_DEFAULTS)[number];

/** What a blocked call becomes: an error, or a text in its place. */
export const TOOL_CALL_REACTIONS = ['error', 'refuse'] as const;
export type ToolCallReaction = (typeof TOOL_CALL_REACTIONS)[number];

/** The name under which records show what no rule of the admin's decided. */
export const TOOL_CALLS_GUARDRAIL = 'toolCalls';

export type Scalar = string | number | boolean | null;

/** Holds for a value in a call's arguments. All comparisons that are present must hold; at least one is. Stored as JSON. */
export interface ToolCondition {
  /** JSON Pointer (RFC 6901) into the arguments. */
  readonly pointer: string;
  readonly equals?: Scalar;
  readonly in?: readonly Scalar[];
  /** RE2's syntax, found anywhere in the value. */
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
  /** The first one that matches decides. */
  readonly rules: readonly ToolCallRule[];
  /** What comes of calls that no rule matches. */
  readonly default: ToolCallDefault;
  /** Patterns of the names of tools whose results are trusted. */
  readonly trustedTools: readonly string[];
  readonly onBlock: ToolCallReaction;
}
