import type { ProviderAdapter } from './provider-adapter.js';

/** Rule for the tool names that a vendor accepts. */
export interface ToolNameRule {
  readonly maxChars: number;
  /** Characters that it refuses; the expression has the flag `g`. */
  readonly refused: RegExp;
  /** Required beginning of a name. Absent: any character that is not refused. */
  readonly start?: RegExp;
}

/**
 * 1 to 64 letters, digits, `_` and `-`: OpenAI (platform.openai.com/docs/api-reference/chat/create,
 * `tools.function.name`), servers that imitate it, and Bedrock (docs.aws.amazon.com/bedrock, API reference,
 * `ToolSpecification`).
 */
const USUAL: ToolNameRule = { maxChars: 64, refused: /[^A-Za-z0-9_-]/g };

/** Letters, digits, `_`, `.`, `:` and `-`, beginning with a letter or `_` (ai.google.dev/api/caching#FunctionDeclaration). */
export const GOOGLE_TOOL_NAMES: ToolNameRule = {
  maxChars: 64,
  refused: /[^A-Za-z0-9_.:-]/g,
  start: /^[A-Za-z_]/,
};

/** Returns the rule of a vendor; null if it accepts any name. */
export function getToolNameRule({ toolNames, compatibility }: ProviderAdapter): ToolNameRule | null {
  return compatibility?.anyToolName ? null : (toolNames ?? USUAL);
}
