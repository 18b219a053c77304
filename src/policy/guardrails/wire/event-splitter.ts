/** What every splitter of a stream into events has in common. */
export type EventMembers = Record<string, unknown>;

/** `event` is null for data without members, and if events are not parsed. */
export type OnEvent = (raw: string, event: EventMembers | null, data: string) => void;

/** Receives text that belongs to no event: it is not part of the stream and is not held back. */
export type OnComment = (raw: string) => void;

export interface EventSplitter {
  push(chunk: Uint8Array | string): void;
  /** Ends the stream: the rest is an event. */
  end(): void;
}
