/**
 * Promise: texts, calls, ids, names and arguments survive both directions for arbitrary conversations, and signatures
 * return to their parts.
 */
import fc from 'fast-check';
import { streamed } from '../../../test/support/translation/golden.js';
import { readChunks, readCompletion } from '../../../test/support/translation/oracle.js';
import type { ChatMessage, ChatRequest, JsonObject, ToolCall } from '../pivot/chat.js';
import type { GeminiContent, GeminiPart } from './gemini/wire.js';
import { geminiTranslator } from './gemini.translator.js';

const model = 'gemini-3-flash-preview';
const context = { model, id: 'chatcmpl-0123', created: 1, streaming: false };

const words = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
const args = fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 });
const signature = fc.option(fc.base64String({ minLength: 4, maxLength: 12 }), { nil: undefined });
const name = fc.constantFrom('find', 'read', 'write');

const asJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
const contentsOf = (chat: ChatRequest): GeminiContent[] =>
  asJson(geminiTranslator.translateRequest(chat, context).body['contents']) as GeminiContent[];

describe('any conversation', () => {
  const step = fc.record({
    asked: words,
    text: fc.option(words, { nil: null }),
    calls: fc.array(fc.record({ name, args, result: fc.string({ maxLength: 12 }), signature }), { maxLength: 4 }),
    shuffle: fc.integer(),
  });

  it('any conversation keeps texts and calls with id, name, arguments, signature and result', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 4 }), (steps) => {
        const messages: ChatMessage[] = [];
        const expected = { texts: [] as string[], calls: [] as unknown[], results: [] as unknown[] };
        steps.forEach(({ asked, text, calls, shuffle }, s) => {
          const made = calls.map<ToolCall>((call, i) => ({
            id: `c${s}-${i}`,
            type: 'function',
            function: { name: call.name, arguments: JSON.stringify(call.args) },
            ...(call.signature && { extra_content: { google: { thought_signature: call.signature } } }),
          }));
          messages.push({ role: 'user', content: asked }, { role: 'assistant', content: text, tool_calls: made });
          const results = calls.map(({ result }, i) => ({
            role: 'tool' as const,
            tool_call_id: `c${s}-${i}`,
            content: result,
          }));
          messages.push(...(shuffle % 2 === 0 ? results : results.reverse()));
          expected.texts.push(asked, ...(text === null ? [] : [text]));
          calls.forEach((call, i) => {
            const id = `c${s}-${i}`;
            expected.calls.push([{ id, name: call.name, args: asJson(call.args) }, call.signature]);
            expected.results.push({ id, name: call.name, response: { output: call.result } });
          });
        });
        const contents = contentsOf({ model, messages });
        const parts = contents.flatMap((content) => content.parts);
        expect(parts.flatMap(({ text }) => (text === undefined ? [] : [text]))).toEqual(expected.texts);
        expect(parts.flatMap(({ functionResponse }) => functionResponse ?? [])).toEqual(expected.results);
        const calls = parts.filter(({ functionCall }) => functionCall);
        expect(calls.map((part) => [part.functionCall, known(part)])).toEqual(expected.calls);
        // the first call of a step always has a signature
        for (const { role, parts } of contents) {
          const first = parts.find(({ functionCall }) => functionCall);
          if (role === 'model' && first) expect(first.thoughtSignature).toBeDefined();
        }
      }),
    );
  });

  const known = ({ thoughtSignature }: GeminiPart): string | undefined =>
    thoughtSignature === 'skip_thought_signature_validator' ? undefined : thoughtSignature;
});

describe('any response', () => {
  const part = fc.oneof(
    fc.record({ text: words }),
    fc.record({ text: fc.oneof(words, fc.constant('')), thoughtSignature: signature }),
    fc.record({ text: words, thought: fc.constant(true), thoughtSignature: signature }),
    fc.record({
      functionCall: fc.record({ id: fc.option(fc.uuid(), { nil: undefined }), name, args }),
      thoughtSignature: signature,
    }),
  );
  const answer = fc.array(part, { minLength: 1, maxLength: 8 }).map((parts) => asJson<GeminiPart[]>(parts));

  const whole = (parts: GeminiPart[]) => {
    const body = { candidates: [{ content: { parts }, finishReason: 'STOP' }], usageMetadata: { promptTokenCount: 3 } };
    return asJson(geminiTranslator.translateResponse(Buffer.from(JSON.stringify(body)), context));
  };

  it('any response gives the same whole and streamed, wherever it is cut', () => {
    fc.assert(
      fc.property(answer, fc.integer({ min: 1, max: 400 }), (parts, size) => {
        const events = parts.map((one): JsonObject => ({ candidates: [{ content: { parts: [one] }, index: 0 }] }));
        events.push({ candidates: [{ finishReason: 'STOP' }], usageMetadata: { promptTokenCount: 3 } });
        const bytes = Buffer.from(events.map((event) => `data: ${JSON.stringify(event)}\r\n\r\n`).join(''));
        const pieces = [];
        for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
        const { chunks, error, ended } = streamed(geminiTranslator, context, pieces);
        expect([error, ended]).toEqual([null, true]);
        const completion = whole(parts);
        expect(readChunks(chunks)).toEqual(readCompletion(completion));
        const details = chunks.flatMap(({ choices }) => choices[0]?.delta.reasoning_details ?? []);
        expect(details).toEqual(completion.choices[0]!.message.reasoning_details ?? []);
      }),
    );
  });

  it('any response returns to Gemini with its texts, calls and signatures, and has distinct call ids', () => {
    fc.assert(
      fc.property(answer, (parts) => {
        const { message } = whole(parts).choices[0]!;
        const [, back] = contentsOf({
          model,
          messages: [{ role: 'user', content: 'x' }, message, { role: 'user', content: 'y' }],
        });
        const replayed = back?.role === 'model' ? back.parts : [];
        const textIn = (list: GeminiPart[]) => list.map((one) => (one.thought ? '' : (one.text ?? ''))).join('');
        expect(textIn(replayed)).toBe(textIn(parts));
        const signed = (list: GeminiPart[], holds: (one: GeminiPart) => boolean) =>
          list.filter((one) => holds(one) && one.thoughtSignature).map((one) => one.thoughtSignature);
        const isText = (one: GeminiPart) => !one.functionCall && !one.thought;
        expect(signed(replayed, isText)).toEqual(signed(parts, isText));
        expect(signed(replayed, (one) => one.thought === true)).toEqual(signed(parts, (one) => one.thought === true));
        // a text that was signed in its position is split there again
        for (const one of parts.filter((p) => isText(p) && p.thoughtSignature && p.text))
          expect(replayed).toContainEqual({ text: one.text, thoughtSignature: one.thoughtSignature });
        const calls = (list: GeminiPart[]) =>
          list.flatMap(({ functionCall }) => (functionCall ? [[functionCall.name, functionCall.args]] : []));
        expect(calls(replayed)).toEqual(calls(parts));
        const ids = message.tool_calls?.map(({ id }) => id) ?? [];
        expect(new Set(ids).size).toBe(ids.length);
        expect(ids.every((id) => id.length <= 40)).toBe(true);
      }),
    );
  });
});
