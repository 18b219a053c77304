/** How streams of text are cut into events, and how an event is written that was changed. */
import type { TextStreamForm } from '../../../providers/stream-form.js';
import { LineSplitter, lineWith, writtenLine } from './json-lines.js';
import { SseSplitter, withData, written, type EventMembers } from './sse-events.js';

/** `event`: null for data that has no members, or is not parsed. */
export type OnEvent = (raw: string, event: EventMembers | null, data: string) => void;

/** Hears what belongs to no event: it is no part of the stream and waits for nothing. */
export type OnComment = (raw: string) => void;

export interface EventSplitter {
  push(chunk: Uint8Array | string): void;
  /** The stream is over: what is left is an event. */
  end(): void;
}

export interface TextEvents {
  /** `isParsed`: whether `onEvent` gets the members of events. Default true. */
  readonly splitter: (onEvent: OnEvent, onComment: OnComment, isParsed?: boolean) => EventSplitter;
  /** The event `raw` with other members. */
  readonly written: (event: EventMembers, raw: string) => string;
  /** The event `raw` with other data, `json`; an event that has a name gets the name `type`, unless it is null. */
  readonly withJson: (raw: string, json: string, type: string | null) => string;
}

const EVENTS: TextEvents = {
  splitter: (onEvent, onComment, isParsed) => new SseSplitter(onEvent, onComment, isParsed),
  written,
  withJson: withData,
};

const LINES: TextEvents = {
  splitter: (onEvent, onComment, isParsed) => new LineSplitter(onEvent, onComment, isParsed),
  written: writtenLine,
  withJson: lineWith,
};

export const textEventsOf = (form: TextStreamForm): TextEvents => (form === 'lines' ? LINES : EVENTS);
