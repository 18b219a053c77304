/** Where the router's translation to Anthropic's Messages is another than that of @ai-sdk/anthropic, and why. */
import type { Differences, Explained } from '../../support/oracle.js';

/** Of requests. Paths begin with the golden case's name, or with that of the chat and the model's. */
const requests: Explained[] = [
  {
    at: /\.tools\[\d\]\.eager_input_streaming$/,
    because: 'theirs takes arguments that the vendor has not checked yet, to have them sooner; Chat promises JSON',
  },
  {
    at: /^(forced|named)\S+\.messages\[0\]\.content\[1\]$/,
    because: 'the caller asked for a call: where it cannot be forced we ask for it in words, theirs warns',
  },
  {
    at: /^forced-newest\.tools\[1\]$/,
    because: 'we keep all tools, as the vendor binds thinking to them and caches them; theirs takes the others away',
  },
  {
    at: /^schema\S+\.(tools\[\d\]\.(name|description)|tool_choice\.(type|name))$/,
    because: 'our JSON answer has a name that no client has, and is named in the choice where it is the only tool',
  },
  {
    at: /^schema-by-call\.thinking$/,
    because:
      'a budget of thinking lets no call be forced: the schema goes before the effort with us, after it with theirs',
  },
  {
    at: /^schema-in-words\.(system\[1\]|tools|tool_choice)$/,
    because: 'theirs offers a tool that need not be called, and may get text; we ask for the text',
  },
  {
    at: /^schema\.\S+\.description$/,
    because: 'limits that the vendor cannot keep are told to the model in our own words, and so is what the answer is',
  },
  { at: /^json-object\.system$/, because: 'theirs ignores JSON without a schema, with a warning' },
  {
    at: /^allowed-tools\.(tools\[[12]\]|tool_choice)/,
    because: 'theirs knows no allowed tools, and calls a schema strict that the vendor would close to nothing',
  },
  {
    at: /^text\.system\[1\]\.cache_control$/,
    because: 'the oracle is told of it for parts of user messages and tools alone',
  },
  { at: /^text\.stop_sequences\[1\]$/, because: 'the vendor refuses white space' },
  { at: /^media\.\S+\.media_type$/, because: 'image/jpg is no media type: the vendor knows image/jpeg' },
  {
    at: /\.max_tokens$/,
    because: 'thinking is part of max_completion_tokens in Chat; theirs adds it on top',
    when: ({ ours, theirs, path }) => /^(thinking|loop)/.test(path) && (theirs as number) > (ours as number),
  },
  {
    at: /^thinking-budget\.thinking\.budget_tokens$/,
    because: 'with 4000 tokens in all, a fifth is kept for the answer',
  },
  {
    at: /^(thinking-least|unthinking\/\S+)\.output_config$/,
    because: 'thinking that cannot be off is made small; theirs leaves the default',
    when: ({ ours }) => JSON.stringify(ours) === '{"effort":"low"}',
  },
  {
    at: /^thinking-lost\.(tools|tool_choice|temperature|thinking)$/,
    because: 'theirs asks for thinking that the vendor refuses in this place, and leaves the call without its tool',
  },
  {
    at: /^thinking-replayed\.messages\[1\]\.content\[[012]\]/,
    because:
      'Chat keeps no order between reasoning and text: ours is in reasoning_details, theirs puts all of it first',
  },
  {
    at: /\.thinking\.block_binding$/,
    because: 'clients of Chat edit what went before: the vendor then leaves the thinking out instead of refusing',
  },
  {
    at: /^turns\.messages\[0\]\.content\[2\]$/,
    because: 'the vendor refuses empty texts',
  },
  { at: /^turns\.messages\[1\]\.content\[1\]\.id$/, because: 'the vendor refuses ids with other characters' },
  {
    at: /^turns\.messages\[[2-5]\]/,
    because:
      'later system messages are part of the user turn: only the newest models know them, and not in every place',
  },
];

/** Of answers. */
const answers: Explained[] = [
  { at: /^length\.text$/, because: 'theirs passes over text that comes with the beginning of its block' },
];

/** What theirs refuses, and why ours does not. */
const refusedByThem: Record<string, string> = {
  'text-file': 'text of any kind can be shown as plain text',
};

export const anthropicDifferences: Differences = { requests, answers, refusedByThem, unreadByThem: {} };
