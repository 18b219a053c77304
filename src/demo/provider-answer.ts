/** What the demo's stand-in providers say, and what they claim to have counted: the same for each, so that costs compare. */

/** In the pieces that a streamed answer comes in; each counts as a token. */
export const PIECES = ['Halt', '!', ' Who', ' goes', ' there', '?', ' A', ' friend', ',', ' with', ' a', ' key', '.'];
export const TEXT = PIECES.join('');

/** As of a client with a long system prompt, most of which the provider still had in its cache. */
export const TOKENS = { input: 1254, cached: 1024, output: PIECES.length } as const;

/** Enough for a stream to be seen as one. */
export const PIECE_DELAY_MS = 5;

/** One server-sent event; vendors differ in whether they name it. */
export const event = (data: unknown, name?: string): string =>
  `${name === undefined ? '' : `event: ${name}\n`}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
