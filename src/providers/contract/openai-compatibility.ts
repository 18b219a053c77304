/**
 * Differences of a server that speaks OpenAI's Chat Completions from OpenAI. The table of vendors is
 * `vendor-compatibility.ts`.
 */
import type { OpenAiErrorForm } from '../dialects/openai/errors.js';

/** Members that a strict server accepts; it rejects every other member. */
export interface StrictMembers {
  /** Members of the request. */
  request: ReadonlySet<string>;
  /** Members of a message, by role. */
  message: Readonly<Record<'system' | 'user' | 'assistant' | 'tool', ReadonlySet<string>>>;
  /** Members of a content part of any type. */
  part: ReadonlySet<string>;
  /** Members of a call in an assistant message. */
  call: ReadonlySet<string>;
}

/** Every member is optional. The defaults are those of most servers that imitate OpenAI. */
export interface OpenAiCompatibility {
  /** Parameters that it accepts for the maximum of output tokens. Absent: only `max_tokens`. */
  ceiling?: 'max_completion_tokens' | 'both';
  /** Refuses `stream_options` and reports usage in every stream. Absent: accepts `stream_options`. */
  refusesStreamOptions?: boolean;
  /** Accepts the role `developer`. Absent: such messages become `system` messages, which every server accepts. */
  developerRole?: boolean;
  /** Supports sampling by `top_k`. */
  topK?: boolean;
  /** Tool call ids have exactly this many letters and digits. Absent: any id. */
  callIdChars?: number;
  /** Accepts `reasoning_effort` for every model. Absent: only for models that are known to reason. */
  anyEffort?: boolean;
  /** Member of an assistant message in which it accepts its own reasoning. Absent: it accepts none. */
  reasoningBack?: 'reasoning_details' | 'reasoning_content';
  /** Models that refuse calls in the history without `reasoning_content`. */
  needsReasoning?: RegExp;
  /** Passes `cache_control` of content parts and tools to models that cache. */
  cacheControl?: boolean;
  /** Own names for members of OpenAI. */
  renames?: Readonly<Record<string, string>>;
  /** Members that it refuses although it ignores unknown ones. */
  refuses?: readonly string[];
  /** Accepted values of members of which it refuses some. */
  values?: Readonly<Record<string, readonly unknown[]>>;
  /**
   * Refuses members other than these. Absent: ignores unknown members, so that its present and future extensions reach
   * it.
   */
  strict?: StrictMembers;
  /** Does not support `response_format` of type `json_schema`. */
  lacksJsonSchema?: boolean;
  /** Accepts a schema beside `{"type":"json_object"}`. */
  schemaInJsonObject?: boolean;
  /**
   * Its Responses API accepts the tools and items of Codex other than functions. Absent: only functions and hosted
   * tools.
   */
  codexKinds?: boolean;
  /** Accepts tool names of any length and characters. Absent: 1 to 64 letters, digits, `_` and `-`. */
  anyToolName?: boolean;
  /**
   * Vendor whose models it serves under their own names, so that their restrictions apply (see
   * `model-restrictions.ts`).
   */
  models?: 'gpt' | 'grok';
  /** Form of its errors, which its SDKs validate. Absent: OpenAI's own. */
  errors?: OpenAiErrorForm;
  /** Refuses function tools beside `reasoning_effort` for OpenAI's later models on `chat/completions`. */
  toolsWithoutEffort?: boolean;
}
