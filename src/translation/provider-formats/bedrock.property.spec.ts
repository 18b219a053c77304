/**
 * Promise: for arbitrary requests and responses AWS's grammar holds, nothing is lost on the way there, and streams
 * equal whole responses.
 */
import fc from 'fast-check';
import { bytesOf, type WrittenFrame } from '../../../test/support/providers/bedrock-event-stream.js';
import { streamed } from '../../../test/support/translation/golden.js';
import { readChunks, readCompletion } from '../../../test/support/translation/oracle.js';
import type { ChatMessage, ChatRequest, ToolCall } from '../pivot/chat.js';
import { bedrockTranslator } from './bedrock.translator.js';
import type { ContentBlock, ToolConfig, Turn } from './bedrock/wire.js';

const MODELS = [
  'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
  'anthropic.claude-3-5-sonnet-20240620-v1:0',
  'global.anthropic.claude-opus-4-7',
  'eu.amazon.nova-pro-v1:0',
  'mistral.mistral-large-2407-v1:0',
  'us.meta.llama4-maverick-17b-instruct-v1:0',
  'arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/ab12',
] as const;
const contextOf = (model: string) => ({ model, id: 'chatcmpl-x', created: 1_790_000_000, streaming: false });

const words = fc.string({ maxLength: 12, unit: 'grapheme' });
const input = fc.dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 });
const toolName = fc.constantFrom('find', 'read', 'write');
const call = fc
  .record({ id: fc.string({ minLength: 1, maxLength: 80 }), name: toolName, input })
  .map<ToolCall>(({ id, name, input: args }) => ({
    id,
    type: 'function',
    function: { name, arguments: JSON.stringify(args) },
  }));
const textPart = words.map((text) => ({ type: 'text' as const, text }));
const filePart = fc
  .option(fc.string({ maxLength: 20, unit: 'grapheme' }), { nil: undefined })
  .map((filename) => ({ type: 'file' as const, file: { file_data: 'JVBERi0=', ...(filename && { filename }) } }));
const content = fc.oneof(words, fc.array(fc.oneof(textPart, filePart), { maxLength: 3 }));

const message: fc.Arbitrary<ChatMessage> = fc.oneof(
  fc.record({ role: fc.constantFrom('system' as const, 'developer' as const), content: words }),
  fc.record({ role: fc.constant('user' as const), content }),
  fc.record({
    role: fc.constant('assistant' as const),
    content: fc.option(words),
    tool_calls: fc.option(fc.array(call, { minLength: 1, maxLength: 3 })),
  }),
  fc.record({
    role: fc.constant('tool' as const),
    tool_call_id: fc.string({ minLength: 1, maxLength: 80 }),
    content: words,
  }),
);
const tools = fc
  .uniqueArray(toolName, { minLength: 1, maxLength: 3 })
  .map((names) => names.map((name) => ({ type: 'function' as const, function: { name } })));
const request: fc.Arbitrary<ChatRequest> = fc.record(
  {
    model: fc.constant('m'),
    messages: fc.array(message, { minLength: 1, maxLength: 8 }),
    tools: fc.option(tools),
    tool_choice: fc.constantFrom('none' as const, 'auto' as const, null),
    temperature: fc.double({ min: 0, max: 2, noNaN: true }),
    reasoning_effort: fc.constantFrom('none' as const, 'low' as const, 'xhigh' as const, null),
    max_tokens: fc.integer({ min: 1, max: 9_000 }),
  },
  { requiredKeys: ['model', 'messages'] },
);

const ask = (chat: ChatRequest, model: string) =>
  JSON.parse(JSON.stringify(bedrockTranslator.translateRequest(chat, contextOf(model)).body)) as {
    system?: ContentBlock[];
    messages: Turn[];
    toolConfig?: ToolConfig;
    inferenceConfig?: { temperature?: number; maxTokens?: number };
    additionalModelRequestFields?: { thinking?: { budget_tokens?: number } };
  };

const isOfTools = ({ toolUse, toolResult }: ContentBlock): boolean => (toolUse ?? toolResult) !== undefined;

describe('Converse requests', () => {
  it('any request has alternating turns without empty ones, results first, and valid ids and names', () => {
    fc.assert(
      fc.property(request, fc.constantFrom(...MODELS), (chat, model) => {
        const { messages, toolConfig, inferenceConfig, additionalModelRequestFields } = ask(chat, model);
        messages.forEach(({ role, content: blocks }, i) => {
          expect(role).not.toBe(messages[i - 1]?.role);
          expect(blocks.length).toBeGreaterThan(0);
          const results = blocks.filter((block) => block.toolResult).length;
          expect(blocks.slice(0, results).every((block) => block.toolResult)).toBe(true);
          if (role === 'user' && blocks.some((block) => block.document))
            expect(blocks.some((block) => block.text)).toBe(true);
          if (/mistral|llama/.test(model)) expect(new Set(blocks.map(isOfTools)).size).toBe(1);
          if (results > 0 && model.includes('claude')) expect(blocks.some((block) => block.document)).toBe(false);
        });
        if (!model.includes('claude')) expect(messages[0]?.role ?? 'user').toBe('user');
        const blocks = messages.flatMap((turn) => turn.content);
        const names = blocks.flatMap(({ document }) => (document ? [document.name] : []));
        expect(new Set(names).size).toBe(names.length);
        for (const name of names) expect(name).toMatch(/^(?!.*\s\s)[A-Za-z0-9\s()[\]-]{1,200}$/);
        for (const { text, toolUse, toolResult } of blocks) {
          if (text !== undefined) expect(text.trim()).not.toBe('');
          const id = toolUse?.toolUseId ?? toolResult?.toolUseId;
          if (id !== undefined) expect(id).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
          if (id !== undefined) expect(toolConfig).toBeDefined();
        }
        if (chat.tool_choice === 'none') expect(toolConfig).toBeUndefined();
        expect(inferenceConfig?.temperature ?? 0).toBeLessThanOrEqual(1);
        const budget = additionalModelRequestFields?.thinking?.budget_tokens;
        if (budget !== undefined) expect(budget).toBeLessThan(inferenceConfig!.maxTokens!);
      }),
    );
  });

  it('any request contains every text and every call of the conversation', () => {
    fc.assert(
      fc.property(request, fc.constantFrom(...MODELS), (chat, model) => {
        const body = JSON.stringify(ask(chat, model));
        for (const { content: said } of chat.messages) {
          const texts =
            typeof said === 'string'
              ? [said]
              : (said ?? []).flatMap((part) => (part.type === 'text' ? [part.text] : []));
          for (const text of texts) expect(body).toContain(JSON.stringify(text.trim()).slice(1, -1));
        }
        const calls = chat.messages.flatMap((each) => (each.role === 'assistant' ? (each.tool_calls ?? []) : []));
        const told = ask(chat, model).messages.flatMap((turn) => turn.content);
        expect(told.filter((block) => block.toolUse ?? block.text?.startsWith('<tool_call'))).toHaveLength(
          calls.length,
        );
      }),
    );
  });

  it('unknown members of a request are named as dropped', () => {
    const others = fc.dictionary(
      fc.stringMatching(/^x_[a-z]{1,8}$/),
      fc.oneof(words, fc.integer({ min: 1 }), fc.constant([1])),
    );
    fc.assert(
      fc.property(others, (more) => {
        const chat: ChatRequest = { model: 'm', messages: [{ role: 'user', content: 'Hello.' }], ...more };
        expect(bedrockTranslator.translateRequest(chat, contextOf(MODELS[0])).dropped.sort()).toEqual(
          Object.keys(more).sort(),
        );
      }),
    );
  });
});

const block = fc.oneof(
  words.filter((text) => text !== '').map((text): ContentBlock => ({ text })),
  fc.record({ name: toolName, input }).map((use): ContentBlock => ({ toolUse: { toolUseId: '', ...use } })),
  fc
    .record({ text: words.filter((text) => text !== ''), signature: fc.constant('c2ln') })
    .map((reasoningText): ContentBlock => ({ reasoningContent: { reasoningText } })),
);

describe('Converse responses', () => {
  it('any response gives the same streamed and whole', () => {
    fc.assert(
      fc.property(fc.array(block, { maxLength: 6 }), fc.integer({ min: 1, max: 5 }), (found, size) => {
        const blocks = found.map((each, i) =>
          each.toolUse ? { toolUse: { ...each.toolUse, toolUseId: `tooluse_${i}` } } : each,
        );
        const stopReason = blocks.some((each) => each.toolUse) ? 'tool_use' : 'end_turn';
        const usage = { inputTokens: 3, outputTokens: 4, totalTokens: 7 };
        const whole = { output: { message: { role: 'assistant', content: blocks } }, stopReason, usage };
        const context = contextOf(MODELS[0]);
        const answer = bedrockTranslator.translateResponse(Buffer.from(JSON.stringify(whole)), context);
        const bytes = bytesOf(framesOf(blocks, size, stopReason, usage));
        const { chunks, ended } = streamed(bedrockTranslator, context, [bytes]);
        expect(readChunks(chunks)).toEqual(readCompletion(answer));
        expect(ended).toBe(true);
        const details = chunks.flatMap(({ choices }) => choices[0]?.delta.reasoning_details ?? []);
        expect(details).toEqual(answer.choices[0]!.message.reasoning_details ?? []);
      }),
    );
  });
});

/** Frames of a stream with these blocks, in pieces of `size` characters. */
function framesOf(blocks: readonly ContentBlock[], size: number, stopReason: string, usage: object): WrittenFrame[] {
  const frames: WrittenFrame[] = [{ event: 'messageStart', payload: { role: 'assistant' } }];
  blocks.forEach(({ text, toolUse, reasoningContent }, contentBlockIndex) => {
    const delta = (each: object) =>
      frames.push({ event: 'contentBlockDelta', payload: { contentBlockIndex, delta: each } });
    if (toolUse) {
      const { toolUseId, name } = toolUse;
      frames.push({
        event: 'contentBlockStart',
        payload: { contentBlockIndex, start: { toolUse: { toolUseId, name } } },
      });
      for (const piece of pieces(JSON.stringify(toolUse.input), size)) delta({ toolUse: { input: piece } });
    }
    for (const piece of pieces(text ?? '', size)) delta({ text: piece });
    const thought = reasoningContent?.reasoningText;
    for (const piece of pieces(thought?.text ?? '', size)) delta({ reasoningContent: { text: piece } });
    if (thought) delta({ reasoningContent: { signature: thought.signature } });
    frames.push({ event: 'contentBlockStop', payload: { contentBlockIndex } });
  });
  frames.push({ event: 'messageStop', payload: { stopReason } }, { event: 'metadata', payload: { usage } });
  return frames;
}

function pieces(text: string, size: number): string[] {
  const characters = [...text];
  return Array.from({ length: Math.ceil(characters.length / size) }, (_, i) =>
    characters.slice(i * size, (i + 1) * size).join(''),
  );
}
