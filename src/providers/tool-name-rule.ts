import type { ProviderAdapter } from './provider-adapter.js';

/** The names that a vendor takes for tools. */
export interface ToolNameRule {
  readonly maxChars: number;
  /** Characters that it refuses, with the flag `g`. */
  readonly refused: RegExp;
  /** What a name has to begin with. Absent: any character that is not refused. */
  readonly start?: RegExp;
}

/**
 * 1 to 64 letters, digits, `_` and `-`: OpenAI (platform.openai.com/docs/api-reference/chat/create, `tools.function.name`),
 * the servers that imitate it, and Bedrock (docs.aws.amazon.com/bedrock, API reference, `ToolSpecification`).
 */
const USUAL: ToolNameRule = { maxChars: 64, refused: /[^A-Za-z0-9_-]/g };

/** Letters, digits, `_`, `.`, `:` and `-`, beginning with a letter or `_` (ai.google.dev/api/caching#FunctionDeclaration). */
export const GOOGLE_TOOL_NAMES: ToolNameRule = {
  maxChars: 64,
  refused: /[^A-Za-z0-9_.:-]/g,
  start: /^[A-Za-z_]/,
};

/** Null: the vendor takes any name. */
export function toolNameRule({ toolNames, compatibility }: ProviderAdapter): ToolNameRule | null {
  return compatibility?.anyToolName ? null : (toolNames ?? USUAL);
}
