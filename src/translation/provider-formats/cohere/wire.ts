/**
 * Types of Cohere's API version 2 (docs.cohere.com/reference/chat, /reference/chat-stream), limited to the members that
 * are read.
 */

export interface CohereResponse {
  id?: string;
  message?: CohereMessage;
  finish_reason?: string;
  usage?: { [name: string]: unknown };
  logprobs?: CohereLogprobs[] | null;
}

export interface CohereMessage {
  content?: CohereContent[] | null;
  /** The model's text before it calls tools. */
  tool_plan?: string | null;
  tool_calls?: CohereCall[] | null;
  citations?: CohereCitation[] | null;
}

/** `start` and `end`: positions in the text; `sources`: documents, and tool results. */
export interface CohereCitation {
  start?: number;
  end?: number;
  text?: string;
  sources?: unknown[];
}

export interface CohereContent {
  type?: 'text' | 'thinking';
  text?: string;
  thinking?: string;
}

export interface CohereCall {
  id?: string;
  /** Null for a tool without parameters. */
  function?: { name?: string; arguments?: string | null };
}

/** A piece of the text, and the log probability of each token in it. */
export interface CohereLogprobs {
  text?: string;
  logprobs?: number[];
}

/** Events of a stream; they differ in the members of their delta. */
export interface CohereEvent {
  type?: string;
  id?: string;
  index?: number;
  delta?: CohereDelta | null;
  logprobs?: CohereLogprobs | null;
  /** Replaces the type in an error. */
  message?: unknown;
}

export interface CohereDelta {
  message?: {
    content?: CohereContent;
    tool_plan?: string;
    tool_calls?: CohereCall;
    citations?: CohereCitation;
  };
  finish_reason?: string;
  error?: string;
  usage?: { [name: string]: unknown };
}
