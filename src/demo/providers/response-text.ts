/** Text and token counts of the demo's fake providers: the same for each, so that costs are comparable. */

/** The chunks of a streamed response; each counts as one token. */
export const TEXT_CHUNKS = [
  'Halt',
  '!',
  ' Who',
  ' goes',
  ' there',
  '?',
  ' A',
  ' friend',
  ',',
  ' with',
  ' a',
  ' key',
  '.',
];
export const TEXT = TEXT_CHUNKS.join('');

/** Counts of a client with a long system prompt, most of which the provider still had in its cache. */
export const TOKENS = { input: 1254, cached: 1024, output: TEXT_CHUNKS.length } as const;

/** Long enough for the streaming to be visible. */
export const CHUNK_DELAY_MS = 5;

/** Formats one server-sent event; vendors differ in whether they name it. */
export const formatEvent = (data: unknown, name?: string): string =>
  `${name === undefined ? '' : `event: ${name}\n`}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
