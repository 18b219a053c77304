/** What Cohere's version 2 says (docs.cohere.com/reference/chat, /reference/chat-stream), as far as it is read. */

export interface CohereAnswer {
  id?: string;
  message?: CohereMessage;
  finish_reason?: string;
  usage?: { [name: string]: unknown };
  logprobs?: CohereLogprobs[] | null;
}

export interface CohereMessage {
  content?: CohereContent[] | null;
  /** What the model says before it calls tools. */
  tool_plan?: string | null;
  tool_calls?: CohereCall[] | null;
  citations?: CohereCitation[] | null;
}

/** `start` and `end`: where in the text; `sources`: documents, and outputs of tools. */
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

/** The events of a stream differ in what their delta holds. */
export interface CohereEvent {
  type?: string;
  id?: string;
  index?: number;
  delta?: CohereDelta | null;
  logprobs?: CohereLogprobs | null;
  /** Instead of a type, in an error. */
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
