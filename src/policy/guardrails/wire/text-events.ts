/** Splits streams of text into events, and writes changed events. */
import type { TextStreamForm } from '../../../providers/wire/stream-form.js';
import type { EventMembers, EventSplitter, OnComment, OnEvent } from './event-splitter.js';
import { LineSplitter, replaceLine, writeLine } from './json-lines.js';
import { SseSplitter, replaceData, writeSseEvent } from './sse-events.js';

export interface TextEvents {
  /** `isParsed`: whether `onEvent` receives the members of events. Default true. */
  readonly createSplitter: (onEvent: OnEvent, onComment: OnComment, isParsed?: boolean) => EventSplitter;
  /** Writes the event `raw` with other members. */
  readonly write: (event: EventMembers, raw: string) => string;
  /**
   * Writes the event `raw` with other data, `json`. An event with a name gets the name `type`, unless `type` is null.
   */
  readonly withJson: (raw: string, json: string, type: string | null) => string;
}

const EVENTS: TextEvents = {
  createSplitter: (onEvent, onComment, isParsed) => new SseSplitter(onEvent, onComment, isParsed),
  write: writeSseEvent,
  withJson: replaceData,
};

const LINES: TextEvents = {
  createSplitter: (onEvent, onComment, isParsed) => new LineSplitter(onEvent, onComment, isParsed),
  write: writeLine,
  withJson: replaceLine,
};

export const getTextEvents = (form: TextStreamForm): TextEvents => (form === 'lines' ? LINES : EVENTS);
