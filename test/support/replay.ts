/** Answers of the vendors for the fake provider: the recorded ones under `test/fixtures/wire`, whole, cut short or held open. */
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { json, type Answer } from '../../src/demo/fake-provider.js';

const FIXTURES = new URL('../fixtures/wire/', import.meta.url);

/** Odd on purpose: events, lines and characters are torn apart on their way. */
const PIECE_BYTES = 97;

/** The bytes of a recorded answer, such as `wire('openai', 'chat.json')`. */
export function wire(provider: string, file: string): Buffer {
  return readFileSync(new URL(`${provider}/${file}`, FIXTURES));
}

/** What a whole recorded answer says. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export const wireJson = (provider: string, file: string): any => JSON.parse(wire(provider, file).toString());

/** The recorded answer, as the vendor sends it: JSON in one piece, a stream in many. */
export function replay(provider: string, file: string, status = 200, headers: Record<string, string> = {}): Answer {
  const bytes = wire(provider, file);
  return file.endsWith('.json')
    ? json(status, bytes, headers)
    : torn(bytes, { 'content-type': streamType(file), ...headers });
}

/** These bytes as a stream, in many pieces. */
export function torn(bytes: Buffer, headers: Record<string, string> = {}): Answer {
  return (_request, response) => {
    startStream(response, headers);
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) response.write(bytes.subarray(at, at + PIECE_BYTES));
    response.end();
  };
}

/** OpenAI's recorded embeddings as it sends them to whoever asks for base64: little-endian floats. */
export function packedEmbeddings(): Answer {
  const recorded = wireJson('openai', 'embeddings.json');
  const data = recorded.data.map((row: { embedding: number[] }) => ({
    ...row,
    embedding: Buffer.from(new Float32Array(row.embedding).buffer).toString('base64'),
  }));
  return json(200, { ...recorded, data });
}

/** The first events of a recorded stream, then the provider dies: its connection breaks. */
export function dying(provider: string, file: string, eventCount: number): Answer {
  return (_request, response) => {
    startStream(response, { 'content-type': streamType(file) });
    response.write(firstEvents(provider, file, eventCount), () => response.destroy());
  };
}

export interface HeldOpen {
  answer: Answer;
  /** Resolves when the request is there. */
  reached: Promise<void>;
  /** Resolves when its connection is closed from the other side. */
  closed: Promise<void>;
}

/** The first events of a recorded stream, and then nothing more, until the other side hangs up. */
export function openStream(provider: string, file: string, eventCount: number): HeldOpen {
  return heldOpen((response) => {
    startStream(response, { 'content-type': streamType(file) });
    response.write(firstEvents(provider, file, eventCount));
  });
}

/** No answer at all, until the other side hangs up. */
export const silence = (): HeldOpen => heldOpen(() => {});

/** An answer that `begin` begins, and that ends when the other side hangs up. */
export function heldOpen(begin: (response: ServerResponse) => void): HeldOpen {
  let reach!: () => void;
  let close!: () => void;
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const closed = new Promise<void>((resolve) => (close = resolve));
  const answer: Answer = (_request, response) => {
    response.once('close', close);
    begin(response);
    reach();
  };
  return { answer, reached, closed };
}

/** The provider breaks the connection before it has said anything. */
export const hangUp: Answer = (_request, response) => void response.destroy();

/** One answer after the other; the last one for every request from then on. */
export function inTurn(...answers: readonly [Answer, ...Answer[]]): Answer {
  let turn = 0;
  return (request, response) => answers[Math.min(turn++, answers.length - 1)]!(request, response);
}

/** Resolves when the response takes more bytes, or its client has gone. Leaves no listener behind. */
export function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const goOn = (): void => {
      response.off('drain', goOn).off('close', goOn);
      resolve();
    };
    response.on('drain', goOn).on('close', goOn);
  });
}

function startStream(response: ServerResponse, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
}

/** The first events of a recorded stream. */
export function firstEvents(provider: string, file: string, eventCount: number): string {
  const separator = isLines(file) ? '\n' : '\n\n';
  const events = wire(provider, file).toString().split(separator).slice(0, eventCount);
  return events.join(separator) + separator;
}

const isLines = (file: string): boolean => file.endsWith('.ndjson');

/** Cohere's version 1 has a type of its own. */
const streamType = (file: string): string => {
  if (!isLines(file)) return 'text/event-stream';
  return file.startsWith('v1-') ? 'application/stream+json' : 'application/x-ndjson';
};
