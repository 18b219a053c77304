/**
 * Runs a vendor's golden cases, `test/fixtures/translation/<vendor>/*.json`: the translation of a Chat request, and of the
 * vendor's response, stream or error. A case holds any of these parts.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GatewayError } from '../../../src/platform/errors/gateway-error.js';
import type { ChatChunk, ChatCompletion, ChatRequest, JsonObject } from '../../../src/translation/pivot/chat.js';
import type { ChatError, ChatSink, TranslationContext, Translator } from '../../../src/translation/pivot/translator.js';

export interface GoldenCase {
  title: string;
  /** Where the vendor documents the format. */
  source: string;
  /** The vendor's model id. */
  model: string;
  chat?: ChatRequest;
  request?: { path: string; headers?: Record<string, string>; body: JsonObject };
  /** Expected in place of `request`. */
  refused?: { code: string; says: string };
  dropped?: string[];
  answer?: { vendor: JsonObject; chat: ChatCompletion };
  /** `vendor`: the text of the stream, in chunks that are joined; or a value that the vendor's `bytesOf` accepts. */
  stream?: { vendor: unknown; chat: ChatChunk[]; error?: ChatError; isCut?: boolean };
  error?: { status: number; headers?: Record<string, string>; vendor: unknown; chat: ChatError };
}

const FIXTURES = join(import.meta.dirname, '../../fixtures/translation');

export function goldenCases(vendor: string): readonly (readonly [string, GoldenCase])[] {
  return readdirSync(join(FIXTURES, vendor))
    .filter((file) => file.endsWith('.json'))
    .map((file) => [file, JSON.parse(readFileSync(join(FIXTURES, vendor, file), 'utf8')) as GoldenCase] as const);
}

const joined = (pieces: unknown): Buffer => Buffer.from((pieces as string[]).join(''));

/** @param least minimum number of cases; a vendor that speaks another's dialect needs few */
export function describeGolden(
  vendor: string,
  translator: Translator,
  bytesOf: (stream: unknown) => Buffer = joined,
  least = 12,
) {
  const cases = goldenCases(vendor);

  it(`the golden cases of ${vendor} number at least ${least}`, () => {
    expect(cases.length).toBeGreaterThanOrEqual(least);
  });

  describe.each(cases)(`${vendor}/%s`, (file, golden) => {
    const { chat, request, refused, answer, stream, error } = golden;
    const context: TranslationContext = {
      model: golden.model,
      id: 'chatcmpl-golden',
      created: 1_790_000_000,
      streaming: stream !== undefined || chat?.stream === true,
    };

    if (request)
      it(`${vendor}/${file}: the request translates to that of the vendor`, () => {
        const made = translator.translateRequest(structuredClone(chat!), context);
        expect(made.path).toBe(request.path);
        expect(plain(made.body)).toEqual(request.body);
        expect(pairs(made.headers)).toMatchObject(request.headers ?? {});
        expect([...made.dropped].sort()).toEqual([...(golden.dropped ?? [])].sort());
      });

    if (refused)
      it(`${vendor}/${file}: the request is refused with a reason`, () => {
        const attempt = (): unknown => translator.translateRequest(structuredClone(chat!), context);
        expect(attempt).toThrow(refused.says);
        expect(codeOf(attempt)).toBe(refused.code);
      });

    if (answer)
      it(`${vendor}/${file}: the vendor's response translates to a completion`, () => {
        const bytes = Buffer.from(JSON.stringify(answer.vendor));
        expect(plain(translator.translateResponse(bytes, context))).toEqual(answer.chat);
      });

    if (stream) {
      const bytes = bytesOf(stream.vendor);
      const expected = { chunks: stream.chat, error: stream.error ?? null, ended: !(stream.isCut ?? false) };

      it(`${vendor}/${file}: the vendor's stream translates to chunks`, () => {
        expect(streamed(translator, context, [bytes])).toEqual(expected);
      });

      it(`${vendor}/${file}: the chunks are the same wherever the stream is cut`, () => {
        for (let at = 1; at < bytes.length; at += bytes.length > 2000 ? 11 : 3)
          expect([at, streamed(translator, context, [bytes.subarray(0, at), bytes.subarray(at)])]).toEqual([
            at,
            expected,
          ]);
        expect(
          streamed(
            translator,
            context,
            [...bytes].map((byte) => Buffer.from([byte])),
          ),
        ).toEqual(expected);
      });
    }

    if (error)
      it(`${vendor}/${file}: the vendor's error translates to a Chat error`, () => {
        const text = typeof error.vendor === 'string' ? error.vendor : JSON.stringify(error.vendor);
        const header = (name: string): string | undefined => error.headers?.[name];
        expect(translator.translateError(error.status, Buffer.from(text), header)).toEqual(error.chat);
      });
  });
}

/** Translates a stream of these chunks. */
export function streamed(translator: Translator, context: TranslationContext, pieces: readonly Uint8Array[]) {
  const chunks: ChatChunk[] = [];
  const told: { error: ChatError | null } = { error: null };
  const sink: ChatSink = {
    writeChunk: (chunk) => void chunks.push(plain(chunk)),
    writeError: (error) => void (told.error = error),
  };
  const vendorStream = translator.createStream(context, sink);
  for (const piece of pieces) vendorStream.push(piece);
  const ended = vendorStream.end();
  return { chunks, error: told.error, ended };
}

/** Converts to the form on the wire: without members that are undefined. */
const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

const pairs = (flat: readonly string[]): Record<string, string> =>
  Object.fromEntries(flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1]!]] : [])));

function codeOf(attempt: () => unknown): string | undefined {
  try {
    attempt();
  } catch (error) {
    return (error as GatewayError).code;
  }
  return undefined;
}
