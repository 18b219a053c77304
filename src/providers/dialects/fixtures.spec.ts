import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { bytesOf } from '../../../test/support/providers/bedrock-event-stream.js';
import { findDialect } from '../dialect-at.js';
import { findProvider } from '../registry.js';
import type { MeterReading, TokenUsage } from './base/dialect.js';

const FIXTURES = join(process.cwd(), 'test/fixtures/wire');

interface Expected {
  path: string;
  usage: TokenUsage | null;
  servedModel: string | null;
  responseId: string | null;
  finishReasons: readonly string[];
  isError: boolean;
  /** Headers of the response, if the vendor states something there. */
  headers?: Record<string, string>;
}

const cases = readdirSync(FIXTURES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name: provider }) => {
    const expected = JSON.parse(readFileSync(join(FIXTURES, provider, 'expected.json'), 'utf8')) as Record<
      string,
      Expected
    >;
    return Object.entries(expected).map(([file, reading]) => [provider, file, reading] as const);
  });

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  sse: 'text/event-stream; charset=utf-8',
  json: 'application/json',
  frames: 'application/vnd.amazon.eventstream',
  ndjson: 'application/x-ndjson',
};

function meterOf(provider: string, file: string, path: string, headers: Record<string, string> = {}) {
  const contentType = CONTENT_TYPES[file.slice(file.lastIndexOf('.') + 1)]!;
  return findDialect(findProvider(provider)!, path).createMeter(contentType, path, (name) => headers[name] ?? null);
}

function fixture(provider: string, file: string): Buffer {
  const bytes = readFileSync(join(FIXTURES, provider, file));
  return file.endsWith('.frames') ? bytesOf(JSON.parse(bytes.toString())) : bytes;
}

function told(reading: MeterReading) {
  const { usage, servedModel, responseId, finishReasons, errorInBody } = reading;
  return { usage, servedModel, responseId, finishReasons, isError: errorInBody !== null };
}

describe.each(cases)('the meter on %s/%s', (provider, file, { path, headers, ...expected }) => {
  const bytes = fixture(provider, file);

  it(`the meter reads tokens, model, id, finish reasons and error of ${provider}/${file}`, () => {
    const meter = meterOf(provider, file, path, headers);
    meter.push(bytes);
    expect(told(meter.read())).toEqual(expected);
  });

  it(`the meter reads ${provider}/${file} alike wherever it is cut`, () => {
    const whole = meterOf(provider, file, path, headers);
    whole.push(bytes);
    const { outputChars } = whole.read();
    for (let cut = 1; cut < bytes.length; cut += bytes.length > 3000 ? 7 : 1) {
      const meter = meterOf(provider, file, path, headers);
      meter.push(bytes.subarray(0, cut));
      meter.push(bytes.subarray(cut));
      const reading = meter.read();
      // `expect` compares slowly: it only reports.
      if (reading.outputChars === outputChars && isDeepStrictEqual(told(reading), expected)) continue;
      expect([cut, told(reading), reading.outputChars]).toEqual([cut, expected, outputChars]);
    }
  });

  it(`the meter reads ${provider}/${file} alike byte by byte, with any line end and after earlier reads`, () => {
    const isEvents = file.endsWith('.sse');
    if (!isEvents && !file.endsWith('.ndjson')) return;
    const lf = bytes.toString('latin1').replaceAll('\r\n', '\n');
    const withCr = isEvents ? [lf.replaceAll('\n', '\r')] : [];
    for (const text of [lf, lf.replaceAll('\n', '\r\n'), ...withCr, lf.trimEnd()]) {
      const meter = meterOf(provider, file, path, headers);
      for (const byte of Buffer.from(text, 'latin1')) meter.push(Buffer.from([byte]));
      meter.read();
      expect(told(meter.read())).toEqual(expected);
    }
    const curious = meterOf(provider, file, path, headers);
    for (let at = 0; at < bytes.length; at += 50) {
      curious.push(bytes.subarray(at, at + 50));
      curious.read();
    }
    expect(told(curious.read())).toEqual(expected);
  });
});

describe('incomplete responses', () => {
  it('the meter of an incomplete stream reports how much text arrived', () => {
    const bytes = readFileSync(join(FIXTURES, 'openai/chat-stream.sse'));
    const meter = meterOf('openai', 'x.sse', 'chat/completions');
    meter.push(bytes.subarray(0, bytes.length / 2));
    const reading = meter.read();
    expect(reading.usage).toBeNull();
    expect(reading.servedModel).toBe('gpt-5.4-2026-03-05');
    expect(reading.outputChars).toBeGreaterThan(15);
  });

  it('the meter of an incomplete Anthropic stream reports the input tokens', () => {
    const bytes = readFileSync(join(FIXTURES, 'anthropic/chat-stream.sse'));
    const meter = meterOf('anthropic', 'x.sse', 'v1/messages');
    meter.push(bytes.subarray(0, bytes.length / 2));
    expect(meter.read().usage).toMatchObject({ inputTokens: 1031, cachedInputTokens: 900, outputTokens: 1 });
  });

  it('the meter of truncated JSON, HTML or an empty body reports nothing', () => {
    for (const text of ['{"usage":{"prompt_tokens":1', '<html></html>', '']) {
      const meter = meterOf('openai', 'x.json', 'chat/completions');
      meter.push(Buffer.from(text));
      expect(told(meter.read())).toEqual({
        usage: null,
        servedModel: null,
        responseId: null,
        finishReasons: [],
        isError: false,
      });
    }
  });
});

describe('large responses', () => {
  it('a response beyond the buffer size is metered from its end', () => {
    const meter = meterOf('openai', 'x.json', 'embeddings');
    meter.push(Buffer.from('{"object":"list","data":['));
    for (let i = 0; i < 100; i++) meter.push(Buffer.from(`{"embedding":"${'A'.repeat(40_000)}"},`));
    meter.push(Buffer.from('{}],"model":"text-embedding-3-small","usage":{"prompt_tokens":7,"total_tokens":7}}'));
    expect(meter.read()).toMatchObject({ usage: { inputTokens: 7 }, servedModel: 'text-embedding-3-small' });
  });
});

describe('retrieved responses', () => {
  it('a retrieved response is not metered again', () => {
    const meter = meterOf('openai', 'x.json', 'responses/resp_68f1c0a2b7d48191');
    meter.push(readFileSync(join(FIXTURES, 'openai/responses.json')));
    expect(meter.read().usage).toBeNull();
  });
});
