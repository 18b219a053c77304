import type { Json } from '../http/admin-client.js';
import { framesOf, type WrittenFrame } from '../providers/bedrock-event-stream.js';
import {
  CACHED_TOKENS,
  INPUT_TOKENS,
  OUTPUT_TOKENS,
  bodyOf,
  halves,
  type Turn,
  type VendorWire,
} from './scripted-vendor.js';

const USAGE = {
  inputTokens: INPUT_TOKENS - CACHED_TOKENS,
  cacheReadInputTokens: CACHED_TOKENS,
  outputTokens: OUTPUT_TOKENS,
  totalTokens: INPUT_TOKENS + OUTPUT_TOKENS,
};
const MODEL_IN_PATH = /^\/model\/([^/]+)\//;

/** Converse. */
export const bedrockVendor: VendorWire = {
  provider: 'bedrock',
  displayName: 'Amazon Bedrock',
  model: 'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
  path: /^\/model\/[^/]+\/converse(?:-stream)?$/,
  contentType: 'application/vnd.amazon.eventstream',
  streams: ({ url }) => url.endsWith('/converse-stream'),
  forcedTool: (body) => body.toolConfig?.toolChoice?.tool?.name,
  error: (message) => ({ message }),
  whole: (turn) => ({
    output: { message: { role: 'assistant', content: blocksOf(turn) } },
    stopReason: stopOf(turn),
    usage: USAGE,
    metrics: { latencyMs: 1 },
  }),
  events(turn) {
    const told: WrittenFrame[] = [{ event: 'messageStart', payload: { role: 'assistant' } }];
    for (const [contentBlockIndex, block] of blocksOf(turn).entries()) {
      if (block.toolUse) {
        const { toolUseId, name } = block.toolUse;
        const start = { toolUse: { toolUseId, name } };
        told.push({ event: 'contentBlockStart', payload: { contentBlockIndex, start } });
      }
      for (const delta of deltasOf(block))
        told.push({ event: 'contentBlockDelta', payload: { contentBlockIndex, delta } });
      told.push({ event: 'contentBlockStop', payload: { contentBlockIndex } });
    }
    told.push({ event: 'messageStop', payload: { stopReason: stopOf(turn) } });
    told.push({ event: 'metadata', payload: { usage: USAGE, metrics: { latencyMs: 1 } } });
    return framesOf(told);
  },
  asked(request) {
    const { system = [], messages, toolConfig } = bodyOf(request);
    const blocks: Json[] = messages.flatMap(({ content }: Json) => content);
    return {
      model: decodeURIComponent(MODEL_IN_PATH.exec(request.url)![1]!),
      system: system.map(({ text }: Json) => text).join('\n'),
      tools: (toolConfig?.tools ?? []).map(({ toolSpec }: Json) => toolSpec.name),
      results: blocks.flatMap(({ toolResult: told }) =>
        told ? [[told.toolUseId, told.content.map(({ text }: Json) => text).join('')] as const] : [],
      ),
      signatures: blocks.flatMap(({ reasoningContent: told }) => told?.reasoningText?.signature ?? []),
    };
  },
};

const stopOf = ({ calls }: Turn): string => (calls?.length ? 'tool_use' : 'end_turn');

const blocksOf = ({ thought, text, calls = [] }: Turn): Json[] => [
  ...(thought ? [{ reasoningContent: { reasoningText: thought } }] : []),
  ...(text === undefined ? [] : [{ text }]),
  ...calls.map(({ id, name, input }) => ({ toolUse: { toolUseId: id, name, input } })),
];

function deltasOf({ text, toolUse, reasoningContent }: Json): Json[] {
  if (text !== undefined) return halves(text).map((piece) => ({ text: piece }));
  if (toolUse) return halves(JSON.stringify(toolUse.input)).map((input) => ({ toolUse: { input } }));
  const { text: thought, signature } = reasoningContent.reasoningText;
  const thoughts = halves(thought).map((piece) => ({ reasoningContent: { text: piece } }));
  return [...thoughts, { reasoningContent: { signature } }];
}
