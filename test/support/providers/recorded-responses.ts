/**
 * Vendors' responses for the fake provider: the recorded ones under `test/fixtures/wire`, whole, cut short or held
 * open.
 */
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { json, type Responder } from './fake-provider.js';

const FIXTURES = new URL('../../fixtures/wire/', import.meta.url);

/** Deliberately odd: splits events, lines and characters. */
const PIECE_BYTES = 97;

/** Returns the bytes of a recorded response, such as `wire('openai', 'chat.json')`. */
export function wire(provider: string, file: string): Buffer {
  return readFileSync(new URL(`${provider}/${file}`, FIXTURES));
}

/** Parses a whole recorded response. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export const wireJson = (provider: string, file: string): any => JSON.parse(wire(provider, file).toString());

/** Replays the recorded response as the vendor sends it: JSON in one write, a stream in many. */
export function replay(provider: string, file: string, status = 200, headers: Record<string, string> = {}): Responder {
  const bytes = wire(provider, file);
  return file.endsWith('.json')
    ? json(status, bytes, headers)
    : torn(bytes, { 'content-type': streamType(file), ...headers });
}

/** Streams these bytes in many chunks. */
export function torn(bytes: Buffer, headers: Record<string, string> = {}): Responder {
  return (_request, response) => {
    startStream(response, headers);
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) response.write(bytes.subarray(at, at + PIECE_BYTES));
    response.end();
  };
}

/** OpenAI's recorded embeddings in the form for `encoding_format: base64`: little-endian floats. */
export function packedEmbeddings(): Responder {
  const recorded = wireJson('openai', 'embeddings.json');
  const data = recorded.data.map((row: { embedding: number[] }) => ({
    ...row,
    embedding: Buffer.from(new Float32Array(row.embedding).buffer).toString('base64'),
  }));
  return json(200, { ...recorded, data });
}

/** Sends the first events of a recorded stream, then breaks the connection. */
export function dying(provider: string, file: string, eventCount: number): Responder {
  return (_request, response) => {
    startStream(response, { 'content-type': streamType(file) });
    response.write(firstEvents(provider, file, eventCount), () => response.destroy());
  };
}

export interface UnfinishedResponse {
  answer: Responder;
  /** Resolves when the request has arrived. */
  reached: Promise<void>;
  /** Resolves when the other side closes its connection. */
  closed: Promise<void>;
}

/** Sends the first events of a recorded stream, and then nothing until the other side disconnects. */
export function openStream(provider: string, file: string, eventCount: number): UnfinishedResponse {
  return openResponse((response) => {
    startStream(response, { 'content-type': streamType(file) });
    response.write(firstEvents(provider, file, eventCount));
  });
}

/** Sends no response until the other side disconnects. */
export const silence = (): UnfinishedResponse => openResponse(() => {});

/** Returns a response that `begin` starts, and that ends when the other side disconnects. */
export function openResponse(begin: (response: ServerResponse) => void): UnfinishedResponse {
  let reach!: () => void;
  let close!: () => void;
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const closed = new Promise<void>((resolve) => (close = resolve));
  const answer: Responder = (_request, response) => {
    response.once('close', close);
    begin(response);
    reach();
  };
  return { answer, reached, closed };
}

/** Breaks the connection before sending anything. */
export const hangUp: Responder = (_request, response) => void response.destroy();

/** Sends one response after the other; the last one for all further requests. */
export function inTurn(...answers: readonly [Responder, ...Responder[]]): Responder {
  let turn = 0;
  return (request, response) => answers[Math.min(turn++, answers.length - 1)]!(request, response);
}

/** Resolves when the response accepts more bytes, or its client has disconnected. Leaves no listener behind. */
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

/** Returns the first events of a recorded stream. */
export function firstEvents(provider: string, file: string, eventCount: number): string {
  const separator = isLines(file) ? '\n' : '\n\n';
  const events = wire(provider, file).toString().split(separator).slice(0, eventCount);
  return events.join(separator) + separator;
}

const isLines = (file: string): boolean => file.endsWith('.ndjson');

/** Cohere's version 1 has a content type of its own. */
const streamType = (file: string): string => {
  if (!isLines(file)) return 'text/event-stream';
  return file.startsWith('v1-') ? 'application/stream+json' : 'application/x-ndjson';
};
