/**
 * The pivot of every translation: OpenAI's Chat Completions as on the wire
 * (platform.openai.com/docs/api-reference/chat), with members that other vendors' clients have added and several
 * servers share: `reasoning_content` (DeepSeek), `reasoning_details` (OpenRouter), `tool_calls[].extra_content`
 * (Google's own OpenAI-compatible endpoint), `top_k`. Types only.
 */

export type JsonObject = { [name: string]: unknown };

export interface ChatRequest {
  model: string;
  messages: ChatMessage[];
  stream?: boolean | null;
  stream_options?: { include_usage?: boolean } | null;
  max_completion_tokens?: number | null;
  max_tokens?: number | null;
  temperature?: number | null;
  top_p?: number | null;
  top_k?: number | null;
  n?: number | null;
  stop?: string | string[] | null;
  seed?: number | null;
  presence_penalty?: number | null;
  frequency_penalty?: number | null;
  logit_bias?: Record<string, number> | null;
  logprobs?: boolean | null;
  top_logprobs?: number | null;
  response_format?: ResponseFormat | null;
  tools?: ChatTool[] | null;
  tool_choice?: ToolChoice | null;
  parallel_tool_calls?: boolean | null;
  reasoning_effort?: ReasoningEffort | null;
  verbosity?: 'low' | 'medium' | 'high' | null;
  user?: string | null;
  safety_identifier?: string | null;
  metadata?: Record<string, string> | null;
  /** All other members of OpenAI or another vendor: each must be honored, refused or named as dropped. */
  [other: string]: unknown;
}

export type ReasoningEffort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh';

export type ResponseFormat =
  | { type: 'text' }
  | { type: 'json_object' }
  | {
      type: 'json_schema';
      json_schema: { name: string; description?: string; schema?: JsonObject; strict?: boolean | null };
    };

export type ChatTool =
  | { type: 'function'; function: FunctionTool }
  | { type: 'custom'; custom: { name: string; description?: string; format?: JsonObject } };

export interface FunctionTool {
  name: string;
  description?: string;
  /** JSON Schema. Absent: no parameters. */
  parameters?: JsonObject;
  strict?: boolean | null;
}

export type ToolChoice =
  | 'none'
  | 'auto'
  | 'required'
  | { type: 'function'; function: { name: string } }
  | { type: 'custom'; custom: { name: string } }
  | {
      type: 'allowed_tools';
      allowed_tools: { mode: 'auto' | 'required'; tools: { type: 'function'; function: { name: string } }[] };
    };

export type ChatMessage = SystemMessage | UserMessage | AssistantMessage | ToolMessage;

export interface SystemMessage {
  role: 'system' | 'developer';
  content: string | TextPart[];
  name?: string;
}

export interface UserMessage {
  role: 'user';
  content: string | UserPart[];
  name?: string;
}

export interface AssistantMessage {
  role: 'assistant';
  content?: string | (TextPart | RefusalPart)[] | null;
  refusal?: string | null;
  name?: string;
  tool_calls?: ToolCall[] | null;
  reasoning_content?: string | null;
  reasoning_details?: ReasoningDetail[] | null;
  /**
   * Origin of `reasoning_content` (see `replay/marks.ts`), where it is known. Never part of a request or a response.
   */
  reasoning_from?: string;
}

export interface ToolMessage {
  role: 'tool';
  tool_call_id: string;
  /** Text. Images and files are accepted as well where the vendor supports them in a tool's result. */
  content: string | UserPart[];
}

export interface TextPart {
  type: 'text';
  text: string;
}

export interface RefusalPart {
  type: 'refusal';
  refusal: string;
}

/** `url` is a data URL or an https address. */
export interface ImagePart {
  type: 'image_url';
  image_url: { url: string; detail?: 'auto' | 'low' | 'high' };
}

/**
 * `file_data` is a data URL (or bare base64, then of a PDF); an https address is accepted too. `file_id` belongs to one
 * vendor.
 */
export interface FilePart {
  type: 'file';
  file: { file_data?: string; filename?: string; file_id?: string };
}

export interface AudioPart {
  type: 'input_audio';
  input_audio: { data: string; format: 'wav' | 'mp3' };
}

export type UserPart = TextPart | ImagePart | FilePart | AudioPart;

export interface ToolCall {
  id: string;
  type: 'function';
  function: { name: string; arguments: string };
  /** `google.thought_signature`: signature that Gemini requires back with the call. */
  extra_content?: { google?: { thought_signature?: string } } & JsonObject;
}

/**
 * Replay data: data that a vendor must receive again to continue its reasoning. Clients return it unchanged in the
 * assistant message. `format` names its vendor, so that no vendor receives another's (`anthropic-claude-v1`,
 * `google-gemini-v1`, `openai-responses-v1`, `bedrock-converse-v1`).
 */
export type ReasoningDetail =
  | { type: 'reasoning.text'; text: string; signature?: string; format: string; id?: string; index?: number }
  | { type: 'reasoning.encrypted'; data: string; format: string; id?: string; index?: number }
  | { type: 'reasoning.summary'; summary: string; format: string; id?: string; index?: number };

export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter';

export interface ChatUsage {
  /** All input tokens, cached and cache-writing ones included. */
  prompt_tokens: number;
  /** All output tokens, reasoning included. */
  completion_tokens: number;
  total_tokens: number;
  prompt_tokens_details?: { cached_tokens?: number; cache_write_tokens?: number };
  completion_tokens_details?: { reasoning_tokens?: number };
}

export interface ChatCompletion {
  /** The vendor's id where it has one, otherwise `chatcmpl-…` by the gateway. */
  id: string;
  object: 'chat.completion';
  /** Unix seconds. */
  created: number;
  /** Model id as the vendor names it, or as requested. */
  model: string;
  choices: ChatChoice[];
  usage?: ChatUsage;
  [other: string]: unknown;
}

export interface ChatChoice {
  index: number;
  message: {
    role: 'assistant';
    content: string | null;
    refusal: string | null;
    tool_calls?: ToolCall[];
    reasoning_content?: string;
    reasoning_details?: ReasoningDetail[];
    annotations?: unknown[];
    /** Images that the model generated, as data URLs (OpenRouter). */
    images?: ImagePart[];
  };
  finish_reason: FinishReason;
  logprobs: JsonObject | null;
}

export interface ChatChunk {
  id: string;
  object: 'chat.completion.chunk';
  created: number;
  model: string;
  /** Empty in the chunk that has the usage. */
  choices: ChunkChoice[];
  usage?: ChatUsage | null;
  [other: string]: unknown;
}

export interface ChunkChoice {
  index: number;
  delta: ChatDelta;
  finish_reason: FinishReason | null;
  logprobs?: JsonObject | null;
}

export interface ChatDelta {
  role?: 'assistant';
  content?: string | null;
  refusal?: string | null;
  tool_calls?: ToolCallDelta[];
  reasoning_content?: string;
  reasoning_details?: ReasoningDetail[];
  annotations?: unknown[];
  images?: ImagePart[];
}

/** `id`, `type` and the name come with the first delta of an index, and only there. */
export interface ToolCallDelta {
  index: number;
  id?: string;
  type?: 'function';
  function: { name?: string; arguments?: string };
  extra_content?: ToolCall['extra_content'];
}
