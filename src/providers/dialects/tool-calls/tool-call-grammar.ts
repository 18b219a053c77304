/**
 * How a language offers tools, calls them and carries their results. Pure: a grammar reads and rewrites documents, and knows
 * no rule. A dialect brings one as its member `toolCalls`.
 */
import type { MemberKeys } from '../../json-members.js';
import type { JsonNode, JsonObject } from '../../json-tree.js';

/** The longest arguments of one call, in bytes. */
export const MAX_ARGUMENT_BYTES = 1024 * 1024;

/** Why the arguments of a call cannot be judged. `split`: pieces of it belong to several calls or choices. */
export type InputFault = 'unreadable' | 'too_long' | 'split';

/** The arguments of a call: JSON as a text (an empty one is `{}`), as part of the document, or a free text, which is no JSON. */
export type CallInput =
  | { readonly kind: 'json'; readonly text: string }
  | { readonly kind: 'tree'; readonly value: JsonNode }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'fault'; readonly fault: InputFault };

export interface ToolCall {
  readonly kind: 'call';
  /** The names that it goes by, decoded; the first one is shown. Empty: it has none. */
  readonly names: readonly string[];
  /** JSON Pointer to the call in a whole response. */
  readonly pointer: string;
  readonly input: CallInput;
  /** The vendor has run it: what a refusal takes out is its result. */
  readonly isExecuted: boolean;
}

/** The vendor put a tool's result into the conversation. */
export interface ToolResult {
  readonly kind: 'result';
  /** Of the tool; empty: unknown. */
  readonly names: readonly string[];
}

export type ToolStep = ToolCall | ToolResult;

/** The text in place of a refused call; null: the call stays. */
export type RefusalOf = (call: ToolCall) => string | null;

export interface AnswerReading {
  /** In the order of the document. */
  readonly steps: readonly ToolStep[];
  /** Takes refused calls out of the document, and puts their texts in. */
  refuse(refusalOf: RefusalOf): void;
}

export interface EventReading {
  /** Calls and results that are complete with this event. */
  readonly steps: readonly ToolStep[];
  /**
   * The events to send instead of this one; null: it goes on as it came. Asked for in the order of the events, once the
   * calls that have begun are judged.
   */
  readonly write: (refusalOf: RefusalOf) => readonly JsonObject[] | null;
}

/** Reads the events of one stream, in order. */
export interface CallStream {
  /** Whether a call has begun and is not complete. */
  readonly isOpen: boolean;
  /** `hasText`: whether the client has seen text of the response. @throws JsonFault for an event that cannot be read for sure */
  read(event: JsonObject, hasText: boolean): EventReading;
  /** The stream is over: calls that are open are complete. */
  end(): readonly ToolStep[];
}

/** A tool, or a set of tools, that a request offers. */
export interface ToolOffer {
  /** As those of its calls. A set of which the request does not name the tools has names that only patterns for all of it match. */
  readonly names: readonly string[];
  readonly pointer: string;
  /** Whether the vendor runs it, or lets it be run, without the client. */
  readonly isExecuted: boolean;
  /** Takes the offer out of the request. */
  remove(): void;
}

/** Results in the conversation that a request repeats. */
export interface ToolHistory {
  /** Names of each result's tool; empty where its call is not there. */
  readonly results: readonly (readonly string[])[];
  /** Whether part of the conversation is kept by the vendor. */
  readonly isHidden: boolean;
}

export interface RequestTools {
  /** The top-level members that offer tools, or say how. */
  readonly members: MemberKeys;
  /** Words of which one is in requests that offer tools in other places as well. */
  readonly elsewhere: readonly string[];
  /** `request` may hold these members alone. @throws JsonFault for one that cannot be read for sure */
  offers(request: JsonObject): readonly ToolOffer[];
  /** References to refusals, which a whole request may hold where `mark` is in its text. Absent: the language has none. */
  readonly refusals?: { readonly mark: string; resolve(request: JsonObject): void };
  /** Puts right, in a whole request, what refers to offers that were removed. */
  settle(request: JsonObject, removed: readonly ToolOffer[]): void;
  /** Of a whole request. `path` as for `Dialect.inspect`. */
  history(request: JsonObject, path: string): ToolHistory;
}

export interface ToolCallGrammar {
  /** Found in the text of each document or event that holds a call or a result, unless its names are written with escapes. */
  readonly marks: RegExp;
  /** Found in events that bring text of the response. */
  readonly text: RegExp;
  readonly request: RequestTools;
  /** @throws JsonFault for a document that cannot be read for sure */
  answer(document: JsonObject): AnswerReading;
  stream(): CallStream;
}
