/** Differences between the router's translation to Anthropic's Messages and that of @ai-sdk/anthropic, with reasons. */
import type { Differences, Explained } from '../oracle.js';

/** In requests. Paths begin with the golden case's name, or with those of the chat and the model. */
const requests: Explained[] = [
  {
    at: /\.tools\[\d\]\.eager_input_streaming$/,
    because: 'theirs streams arguments before the vendor has validated them; Chat requires JSON',
  },
  {
    at: /^(forced|named)\S+\.messages\[0\]\.content\[1\]$/,
    because: 'the caller requires a call; where it cannot be forced, ours instructs the model in text and theirs warns',
  },
  {
    at: /^forced-newest\.tools\[1\]$/,
    because: 'ours keeps all tools, because the vendor binds thinking and caching to them; theirs removes the others',
  },
  {
    at: /^schema\S+\.(tools\[\d\]\.(name|description)|tool_choice\.(type|name))$/,
    because:
      'our tool for the JSON response has a name that clients do not use, and is named in the choice if it is the only tool',
  },
  {
    at: /^schema-by-call\.thinking$/,
    because: 'a thinking budget excludes a forced call: ours prefers the schema, theirs the effort',
  },
  {
    at: /^schema-in-words\.(system\[1\]|tools|tool_choice)$/,
    because: 'theirs offers an optional tool and can get text; ours asks for the text',
  },
  {
    at: /^schema\.\S+\.description$/,
    because:
      'constraints that the vendor does not enforce, and the purpose of the response, are described to the model in text',
  },
  { at: /^json-object\.system$/, because: 'theirs ignores JSON mode without a schema and warns' },
  {
    at: /^allowed-tools\.(tools\[[12]\]|tool_choice)/,
    because:
      'theirs does not support allowed tools, and marks a schema as strict that the vendor would reduce to an empty object',
  },
  {
    at: /^text\.system\[1\]\.cache_control$/,
    because: 'the comparison passes it to the SDK for parts of user messages and for tools only',
  },
  { at: /^text\.stop_sequences\[1\]$/, because: 'the vendor refuses white space' },
  {
    at: /^media\.\S+\.media_type$/,
    because: 'image/jpg is not a registered media type; the vendor accepts image/jpeg',
  },
  {
    at: /\.max_tokens$/,
    because: 'thinking is part of max_completion_tokens in Chat; theirs adds it on top',
    when: ({ ours, theirs, path }) => /^(thinking|loop)/.test(path) && (theirs as number) > (ours as number),
  },
  {
    at: /^thinking-budget\.thinking\.budget_tokens$/,
    because: 'of 4000 tokens a fifth is reserved for the response',
  },
  {
    at: /^(thinking-least|unthinking\/\S+)\.output_config$/,
    because: 'thinking that cannot be disabled is set to the minimum; theirs leaves the default',
    when: ({ ours }) => JSON.stringify(ours) === '{"effort":"low"}',
  },
  {
    at: /^thinking-lost\.(tools|tool_choice|temperature|thinking)$/,
    because: 'theirs requests thinking that the vendor refuses here, and omits the tool of the call',
  },
  {
    at: /^thinking-replayed\.messages\[1\]\.content\[[012]\]/,
    because:
      'Chat keeps no order between reasoning and text: ours is in reasoning_details, theirs puts all of it first',
  },
  {
    at: /\.thinking\.block_binding$/,
    because: 'Chat clients edit the history; the vendor then drops the thinking instead of refusing the request',
  },
  {
    at: /^turns\.messages\[0\]\.content\[2\]$/,
    because: 'the vendor refuses empty texts',
  },
  { at: /^turns\.messages\[1\]\.content\[1\]\.id$/, because: 'the vendor refuses ids with other characters' },
  {
    at: /^turns\.messages\[[2-5]\]/,
    because:
      'later system messages become part of the user turn: only the newest models accept them, and not at every position',
  },
];

/** In responses. */
const answers: Explained[] = [{ at: /^length\.text$/, because: 'theirs skips text in the event that starts a block' }];

/** Requests that the SDK refuses, and why the router does not. */
const refusedByThem: Record<string, string> = {
  'text-file': 'ours sends any text type as plain text',
};

export const anthropicDifferences: Differences = { requests, answers, refusedByThem, unreadByThem: {} };
