/**
 * Fake models that follow a script: the script defines each turn once, and the vendor's wire format encodes it, whole
 * or streamed, as requested. The vendor's requests are decoded to the same general form.
 */
import type { Responder, ReceivedRequest } from '../providers/fake-provider.js';
import { json } from '../providers/fake-provider.js';
import type { Json } from '../http/admin-client.js';
import { openResponse, torn, type UnfinishedResponse } from '../providers/recorded-responses.js';

/** A model's output in one turn. */
export interface Turn {
  thought?: { text: string; signature: string };
  text?: string;
  calls?: readonly Call[];
  /** In place of a text: output requested as JSON. It is sent as a tool call if the vendor is made to use one. */
  document?: object;
}

export interface Call {
  id: string;
  name: string;
  input: object;
}

/** A decoded request, independent of its dialect. */
export interface VendorRequest {
  model: string;
  system: string;
  tools: readonly string[];
  /** Tools' results: the id of the call (Gemini: the tool's name), and the text. */
  results: readonly (readonly [of: string, text: string])[];
  /** Signatures of thoughts that the client replayed. */
  signatures: readonly string[];
}

/** A vendor's wire format. */
export interface VendorWire {
  provider: string;
  displayName: string;
  /** The vendor's name for the model. */
  model: string;
  /** Path of requests, whole and streamed. */
  path: RegExp;
  contentType: string;
  streams(request: ReceivedRequest): boolean;
  whole(turn: Turn): Json;
  events(turn: Turn): Buffer[];
  /** The tool that the request forces. */
  forcedTool(body: Json): string | undefined;
  error(message: string): Json;
  asked(request: ReceivedRequest): VendorRequest;
}

/** Usage of every turn. */
export const INPUT_TOKENS = 120;
export const CACHED_TOKENS = 40;
export const OUTPUT_TOKENS = 30;

export const bodyOf = (request: ReceivedRequest): Json => JSON.parse(request.body.toString());

/** Returns the turn as this vendor's response. */
export function says(vendor: VendorWire, turn: Turn, headers: Record<string, string> = {}): Responder {
  return (request, response) => {
    const told = asTold(turn, vendor.forcedTool(bodyOf(request)));
    const answer = vendor.streams(request)
      ? torn(Buffer.concat(vendor.events(told)), { 'content-type': vendor.contentType, ...headers })
      : json(200, vendor.whole(told), headers);
    return answer(request, response);
  };
}

/** Streams the beginning of the turn, and then nothing until the other side disconnects. */
export function begins(vendor: VendorWire, turn: Turn): UnfinishedResponse {
  const events = vendor.events(turn);
  const some = Buffer.concat(events.slice(0, Math.ceil(events.length / 2)));
  return openResponse((response) => {
    response.writeHead(200, { 'content-type': vendor.contentType });
    response.write(some);
  });
}

/** Splits a text into two, inside a word. */
export const halves = (text: string): [string, string] => {
  const middle = Math.ceil(text.length / 2);
  return [text.slice(0, middle), text.slice(middle)];
};

export const sse = (data: unknown, event?: string): Buffer =>
  Buffer.from(`${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`);

function asTold(turn: Turn, forced: string | undefined): Turn {
  const { document, ...rest } = turn;
  if (!document) return turn;
  if (forced === undefined) return { ...rest, text: JSON.stringify(document) };
  return { ...rest, calls: [{ id: 'call_document', name: forced, input: document }] };
}
