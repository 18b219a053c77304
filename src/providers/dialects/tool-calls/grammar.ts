/**
 * Grammar of a dialect for offers, calls and results of tools. Pure: a grammar reads and rewrites documents, and knows
 * no rules. A dialect provides one as its member `toolCalls`.
 */
import type { MemberKeys } from '../../json/members.js';
import type { JsonNode, JsonObject } from '../../json/tree.js';

/** Maximum bytes of the arguments of one call. */
export const MAX_ARGUMENT_BYTES = 1024 * 1024;

/** Reason why the arguments of a call cannot be judged. `split`: its pieces belong to several calls or choices. */
export type InputFault = 'unreadable' | 'too_long' | 'split';

/**
 * Arguments of a call: JSON as a text (an empty one is `{}`), as part of the document, or a free text, which is not
 * JSON.
 */
export type CallInput =
  | { readonly kind: 'json'; readonly text: string }
  | { readonly kind: 'tree'; readonly value: JsonNode }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'fault'; readonly fault: InputFault };

export interface ToolCall {
  readonly kind: 'call';
  /** Names of the tool, decoded; the first one is shown. Empty: it has none. */
  readonly names: readonly string[];
  /** JSON Pointer to the call in a whole response. */
  readonly pointer: string;
  readonly input: CallInput;
  /** Whether the vendor has executed the call: a refusal then removes its result. */
  readonly isExecuted: boolean;
}

/** Result of a tool that the vendor added to the conversation. */
export interface ToolResult {
  readonly kind: 'result';
  /** Names of the tool; empty if unknown. */
  readonly names: readonly string[];
}

export type ToolStep = ToolCall | ToolResult;

/** Returns the text in place of a refused call; null if the call stays. */
export type FindRefusal = (call: ToolCall) => string | null;

export interface ResponseReading {
  /** Calls and results in the order of the document. */
  readonly steps: readonly ToolStep[];
  /** Replaces refused calls in the document with their texts. */
  refuse(findRefusal: FindRefusal): void;
}

export interface EventReading {
  /** Calls and results that are complete with this event. */
  readonly steps: readonly ToolStep[];
  /**
   * Returns the events to send instead of this one; null if it passes unchanged. Called in the order of the events,
   * once the calls that have begun are judged.
   */
  readonly write: (findRefusal: FindRefusal) => readonly JsonObject[] | null;
}

/** Reads the events of one stream, in order. */
export interface CallStream {
  /** Whether a call has begun and is not complete. */
  readonly isOpen: boolean;
  /**
   * Reads an event. `hasText`: whether the client has seen text of the response. @throws JsonFault for an event that
   * cannot be read reliably
   */
  read(event: JsonObject, hasText: boolean): EventReading;
  /** Ends the stream: open calls are complete. */
  end(): readonly ToolStep[];
}

/** Tool, or set of tools, that a request offers. */
export interface ToolOffer {
  /**
   * Names as in its calls. If the request does not name the tools of a set, the set has names that only patterns for
   * all of its tools match.
   */
  readonly names: readonly string[];
  readonly pointer: string;
  /** Whether the vendor runs the tool, or has it run, without the client. */
  readonly isExecuted: boolean;
  /** Removes the offer from the request. */
  remove(): void;
}

/** Results in the conversation that a request repeats. */
export interface ToolHistory {
  /** Names of each result's tool; empty if its call is missing. */
  readonly results: readonly (readonly string[])[];
  /** Whether the vendor stores part of the conversation. */
  readonly isHidden: boolean;
}

export interface RequestTools {
  /** Top-level members that offer tools or configure their use. */
  readonly members: MemberKeys;
  /** Words that requests contain if they offer tools outside these members. */
  readonly elsewhere: readonly string[];
  /**
   * Returns the offers. `request` may hold only these members. @throws JsonFault for a member that cannot be read
   * reliably
   */
  readOffers(request: JsonObject): readonly ToolOffer[];
  /** References to refusals, which a whole request may hold if `mark` is in its text. Absent: the dialect has none. */
  readonly refusals?: { readonly mark: string; resolve(request: JsonObject): void };
  /** Corrects members of a whole request that refer to removed offers. */
  settle(request: JsonObject, removed: readonly ToolOffer[]): void;
  /** Returns the history of a whole request. `path` as for `Dialect.inspect`. */
  readHistory(request: JsonObject, path: string): ToolHistory;
}

export interface ToolCallGrammar {
  /**
   * Matches the text of each document or event that holds a call or a result, unless its names are written with
   * escapes.
   */
  readonly marks: RegExp;
  /** Matches events with text of the response. */
  readonly text: RegExp;
  readonly request: RequestTools;
  /** Reads a whole response. @throws JsonFault for a document that cannot be read reliably */
  readResponse(document: JsonObject): ResponseReading;
  createStream(): CallStream;
}
