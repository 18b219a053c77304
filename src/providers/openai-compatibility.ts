/** In what a server that speaks OpenAI's Chat Completions differs from OpenAI. The table of vendors is `vendor-compatibility.ts`. */
import type { OpenAiErrorForm } from './dialects/openai-errors.js';

/** The members that a strict server takes; every other member is an error there. */
export interface StrictMembers {
  /** Of the request. */
  request: ReadonlySet<string>;
  /** Of a message, by role. */
  message: Readonly<Record<'system' | 'user' | 'assistant' | 'tool', ReadonlySet<string>>>;
  /** Of a content part, whatever its type. */
  part: ReadonlySet<string>;
  /** Of a call in an assistant message. */
  call: ReadonlySet<string>;
}

/** Every member is optional. What is absent is as most servers that imitate OpenAI have it. */
export interface OpenAiCompatibility {
  /** The names it knows for the ceiling on the response. Absent: `max_tokens` alone. */
  ceiling?: 'max_completion_tokens' | 'both';
  /** It refuses `stream_options` and reports usage in every stream. Absent: it takes `stream_options`. */
  refusesStreamOptions?: boolean;
  /** It knows the role `developer`. Absent: such messages become `system` messages, which every server knows. */
  developerRole?: boolean;
  /** It samples by `top_k`. */
  topK?: boolean;
  /** Tool call ids have exactly this many letters and digits. Absent: any id. */
  callIdChars?: number;
  /** It takes `reasoning_effort` for every model. Absent: for models that are known to reason. */
  anyEffort?: boolean;
  /** The member of an assistant message in which it takes its reasoning back. Absent: in none. */
  reasoningBack?: 'reasoning_details' | 'reasoning_content';
  /** Models that refuse calls in the history without `reasoning_content`. */
  needsReasoning?: RegExp;
  /** It passes `cache_control` of content parts and tools on to models that cache. */
  cacheControl?: boolean;
  /** Its own names for members of OpenAI's. */
  renames?: Readonly<Record<string, string>>;
  /** Members that it refuses, although it passes over unknown ones. */
  refuses?: readonly string[];
  /** The values it takes, for members of which it refuses some. */
  values?: Readonly<Record<string, readonly unknown[]>>;
  /** It refuses unknown members. Absent: it passes over them, so that its extensions and those of tomorrow reach it. */
  strict?: StrictMembers;
  /** It knows no `response_format` of type `json_schema`. */
  lacksJsonSchema?: boolean;
  /** It takes a schema beside `{"type":"json_object"}`. */
  schemaInJsonObject?: boolean;
  /** Its Responses API takes the tools and items of Codex that are no functions. Absent: functions and hosted tools alone. */
  codexKinds?: boolean;
  /** It takes tool names of any length and characters. Absent: 1 to 64 letters, digits, `_` and `-`. */
  anyToolName?: boolean;
  /** Whose models it serves under their own names, so that their restrictions apply (see `model-restrictions.ts`). */
  models?: 'gpt' | 'grok';
  /** The form of its errors, which its SDKs validate. Absent: OpenAI's own. */
  errors?: OpenAiErrorForm;
  /** It refuses function tools beside `reasoning_effort` for OpenAI's later models on `chat/completions`. */
  toolsWithoutEffort?: boolean;
}
