/**
 * Fake models that follow a script: what one says in each turn is told once, and comes over the wire as its vendor would send
 * it, whole or streamed, as the request asks. What the vendor was asked is read back in the same general terms.
 */
import type { Answer, SeenRequest } from '../../../src/demo/fake-provider.js';
import { json } from '../../../src/demo/fake-provider.js';
import type { Json } from '../admin-client.js';
import { heldOpen, torn, type HeldOpen } from '../replay.js';

/** What a model says in one turn. */
export interface Turn {
  thought?: { text: string; signature: string };
  text?: string;
  calls?: readonly Call[];
  /** In place of a text: an answer that was asked for as JSON. It comes by a tool where the vendor is made to use one. */
  document?: object;
}

export interface Call {
  id: string;
  name: string;
  input: object;
}

/** A request, whatever its language. */
export interface Asked {
  model: string;
  system: string;
  tools: readonly string[];
  /** Tools' results: the id of the call (Gemini: the tool's name), and the text. */
  results: readonly (readonly [of: string, text: string])[];
  /** Signatures of thoughts that were brought back. */
  signatures: readonly string[];
}

/** A vendor's wire. */
export interface VendorWire {
  provider: string;
  displayName: string;
  /** As the vendor names it. */
  model: string;
  /** Where it is asked, whole and streamed. */
  path: RegExp;
  contentType: string;
  streams(request: SeenRequest): boolean;
  whole(turn: Turn): Json;
  events(turn: Turn): Buffer[];
  /** The tool that the request makes it call. */
  forcedTool(body: Json): string | undefined;
  error(message: string): Json;
  asked(request: SeenRequest): Asked;
}

/** What every turn costs. */
export const INPUT_TOKENS = 120;
export const CACHED_TOKENS = 40;
export const OUTPUT_TOKENS = 30;

export const bodyOf = (request: SeenRequest): Json => JSON.parse(request.body.toString());

/** The turn as this vendor's answer. */
export function says(vendor: VendorWire, turn: Turn, headers: Record<string, string> = {}): Answer {
  return (request, response) => {
    const told = asTold(turn, vendor.forcedTool(bodyOf(request)));
    const answer = vendor.streams(request)
      ? torn(Buffer.concat(vendor.events(told)), { 'content-type': vendor.contentType, ...headers })
      : json(200, vendor.whole(told), headers);
    return answer(request, response);
  };
}

/** Begins to stream the turn, and then says no more until the other side hangs up. */
export function begins(vendor: VendorWire, turn: Turn): HeldOpen {
  const events = vendor.events(turn);
  const some = Buffer.concat(events.slice(0, Math.ceil(events.length / 2)));
  return heldOpen((response) => {
    response.writeHead(200, { 'content-type': vendor.contentType });
    response.write(some);
  });
}

/** A text in two pieces, torn inside of a word. */
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
