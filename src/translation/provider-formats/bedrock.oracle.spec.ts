/**
 * Promise: the translator agrees with the AI SDK's package for Bedrock, except for the differences that
 * `test/support/translation/differences` explains.
 */
import { createAmazonBedrock } from '@ai-sdk/amazon-bedrock';
import type { LanguageModelV3CallOptions } from '@ai-sdk/provider';
import { bedrockDifferences as known } from '../../../test/support/translation/differences/bedrock.js';
import { bytesOf } from '../../../test/support/providers/bedrock-event-stream.js';
import { type GoldenCase, goldenCases, streamed } from '../../../test/support/translation/golden.js';
import {
  callOptions,
  differences,
  recordingFetch,
  readChunks,
  readCompletion,
  readResult,
  readStream,
  unexplained,
  type VendorOptions,
} from '../../../test/support/translation/oracle.js';
import type { ChatRequest, JsonObject } from '../pivot/chat.js';
import { bedrockTranslator } from './bedrock.translator.js';

const cases = goldenCases('bedrock');
const contextOf = ({ model, stream }: GoldenCase) => ({
  model,
  id: 'chatcmpl-x',
  created: 1_790_000_000,
  streaming: stream !== undefined,
});

function oracle(model: string, answer: string | Uint8Array = '{}', contentType = 'application/json') {
  const { fetch, sent } = recordingFetch(answer, contentType);
  return { model: createAmazonBedrock({ region: 'us-east-1', apiKey: 'ABSK', fetch })(model), sent };
}

/** Options that the SDK takes in a form of its own. */
function vendorOptions(chat: ChatRequest, ours: JsonObject): VendorOptions {
  const additional = (ours['additionalModelRequestFields'] ?? {}) as {
    thinking?: { type: string; budget_tokens?: number; display?: string };
    output_config?: { effort: string };
    reasoning_effort?: string;
    reasoningConfig?: { type: string; maxReasoningEffort: string };
  };
  const { thinking, output_config: output, reasoning_effort: effort, reasoningConfig } = additional;
  const reasoning = {
    ...(thinking ? { type: thinking.type } : {}),
    ...(thinking?.budget_tokens ? { budgetTokens: thinking.budget_tokens } : {}),
    ...(thinking?.display ? { display: thinking.display } : {}),
    ...(output ? { maxReasoningEffort: output.effort } : {}),
    ...(effort ? { maxReasoningEffort: effort } : {}),
    ...reasoningConfig,
  };
  return {
    call: {
      bedrock: {
        structuredOutputMode: 'jsonTool',
        ...(Object.keys(reasoning).length > 0 ? { reasoningConfig: reasoning } : {}),
      },
      ...(chat.parallel_tool_calls === false ? { anthropic: { disableParallelToolUse: true } } : {}),
    },
    reasoning: (detail) => {
      if (detail.format !== 'bedrock-converse-v1') return undefined;
      return detail.type === 'reasoning.encrypted'
        ? { text: '', providerOptions: { bedrock: { redactedContent: detail.data } } }
        : {
            text: (detail as { text: string }).text,
            providerOptions: { bedrock: { signature: (detail as { signature: string }).signature } },
          };
    },
  };
}

const optionsOf = (chat: ChatRequest, ours: JsonObject): LanguageModelV3CallOptions =>
  callOptions(withoutList(chat), vendorOptions(chat, ours));

/** Offers only the allowed tools: the SDK does not support a list of them. */
function withoutList(chat: ChatRequest): ChatRequest {
  const choice = chat.tool_choice;
  if (typeof choice !== 'object' || choice?.type !== 'allowed_tools') return chat;
  const names = choice.allowed_tools.tools.map((tool) => tool.function.name);
  const tools = chat.tools!.filter((tool) => tool.type === 'function' && names.includes(tool.function.name));
  return { ...chat, tools, tool_choice: choice.allowed_tools.mode };
}

const ASK: ChatRequest = { model: 'x', messages: [{ role: 'user', content: 'Hello.' }] };

describe('requests', () => {
  it.each(cases.filter(([, { request }]) => request))(
    'the golden request %s means the same as that of the AI SDK',
    async (file, golden) => {
      const chat = golden.chat!;
      const { path, body } = bedrockTranslator.translateRequest(structuredClone(chat), contextOf(golden));
      const { model, sent } = oracle(golden.model, ANSWER);
      const asked = model.doGenerate(optionsOf(chat, body));
      if (known.refusedByThem[file]) return expect(asked).rejects.toThrow();
      await asked;
      expect(sent[0]!.url).toBe(`https://bedrock-runtime.us-east-1.amazonaws.com/${path.replace('-stream', '')}`);
      const found = differences(JSON.parse(JSON.stringify(body)), sent[0]!.body);
      expect(unexplained(found, known.requests)).toEqual([]);
    },
  );
});

const ANSWER = JSON.stringify({
  output: { message: { role: 'assistant', content: [{ text: 'Hello.' }] } },
  stopReason: 'end_turn',
  usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 },
  metrics: { latencyMs: 1 },
});

/** Renames the JSON answer tool to the SDK's name for it. */
const inTheirWords = (vendor: unknown): unknown =>
  JSON.parse(JSON.stringify(vendor).replaceAll('"json_answer"', '"json"'));

describe('whole responses', () => {
  it.each(cases.filter(([, { answer }]) => answer))(
    'the golden response %s converts to the same result as in the AI SDK',
    async (_file, golden) => {
      const { context, body, chat } = asked(golden);
      const { vendor } = golden.answer!;
      const { model } = oracle(golden.model, JSON.stringify(inTheirWords(vendor)));
      const theirs = await model.doGenerate(optionsOf(chat, body));
      const ours = bedrockTranslator.translateResponse(Buffer.from(JSON.stringify(vendor)), context);
      expect(unexplained(differences(readCompletion(ours), readResult(theirs)), known.answers)).toEqual([]);
    },
  );
});

describe('streams', () => {
  it.each(cases.filter(([, { stream }]) => stream))(
    'the golden stream %s converts to the same result as in the AI SDK',
    async (_file, golden) => {
      const { context, body, chat } = asked(golden);
      const { vendor, error } = golden.stream!;
      const { model } = oracle(golden.model, bytesOf(inTheirWords(vendor)), 'application/vnd.amazon.eventstream');
      const told = readStream((await model.doStream(optionsOf(chat, body))).stream);
      if (error) return expect(told).rejects.toEqual({ message: error.message });
      const ours = readChunks(streamed(bedrockTranslator, context, [bytesOf(vendor)]).chunks);
      expect(unexplained(differences(ours, await told), known.answers)).toEqual([]);
    },
  );
});

/** Translates the request of a golden case, so that the context belongs to its response. */
function asked(golden: GoldenCase) {
  const context = contextOf(golden);
  const chat = golden.chat ?? ASK;
  return { context, chat, body: bedrockTranslator.translateRequest(structuredClone(chat), context).body };
}
