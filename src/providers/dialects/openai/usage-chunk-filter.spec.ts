import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageChunkFilter } from './usage-chunk-filter.js';

const fixture = (name: string) => readFileSync(join(process.cwd(), 'test/fixtures/wire', name));

function filtered(...chunks: Uint8Array[]): string {
  const filter = new UsageChunkFilter();
  return Buffer.concat([...chunks.map((chunk) => filter.push(chunk)), filter.end()]).toString();
}

/** Returns the stream without its event whose choices are empty and whose usage is an object. */
function expected(stream: Buffer): string {
  return stream.toString().replace(/data: \{[^\n]*"choices":\[\],"usage":\{[^\n]*\n\n/, '');
}

describe('the usage chunk filter', () => {
  it.each([
    'openai/chat-stream.sse',
    'openai/chat-tools-stream.sse',
    'azure/chat-stream.sse',
    'groq/chat-stream.sse',
    'deepseek/chat-stream.sse',
  ])('the filter removes exactly the usage chunk from %s, wherever it is cut', (name) => {
    const stream = fixture(name);
    const wanted = expected(stream);
    expect(wanted.length).toBeLessThan(stream.toString().length);
    expect(wanted).toMatch(/data: \[DONE\]\n\n$/);
    expect(filtered(stream)).toBe(wanted);
    for (let cut = 1; cut < stream.length; cut++) {
      expect([cut, filtered(stream.subarray(0, cut), stream.subarray(cut))]).toEqual([cut, wanted]);
    }
    expect(filtered(...[...stream].map((byte) => Buffer.from([byte])))).toBe(wanted);
  });

  it('the filter handles CR LF and CR line ends', () => {
    const stream = fixture('openai/chat-stream.sse');
    for (const end of ['\r\n', '\r']) {
      const text = stream.toString().replaceAll('\n', end);
      const wanted = expected(stream).replaceAll('\n', end);
      expect(filtered(...[...Buffer.from(text)].map((byte) => Buffer.from([byte])))).toBe(wanted);
      expect(filtered(Buffer.from(text))).toBe(wanted);
    }
  });

  it('the filter releases a complete event immediately and holds the start of the next', () => {
    const filter = new UsageChunkFilter();
    expect(Buffer.from(filter.push(Buffer.from('data: {"a":1}\n\ndata: {"b'))).toString()).toBe('data: {"a":1}\n\n');
    expect(filter.push(Buffer.from('":2}\n')).length).toBe(0);
    expect(Buffer.from(filter.push(Buffer.from('\n'))).toString()).toBe('data: {"b":2}\n\n');
    expect(filter.end().length).toBe(0);
  });

  it('the filter releases comments between events immediately', () => {
    const filter = new UsageChunkFilter();
    const pushed = (text: string): string => Buffer.from(filter.push(Buffer.from(text))).toString();
    expect(pushed('data: {"a":1}\n\n: keep-alive\n: agai')).toBe('data: {"a":1}\n\n: keep-alive\n');
    expect(pushed('n\n')).toBe(': again\n');
    expect(pushed('data: {"choices":[],"usage":{}}\n\n: more\n')).toBe(': more\n');
    expect(pushed('data: {\n: inside\n')).toBe('');
  });

  it('the filter leaves streams without a usage chunk unchanged', () => {
    for (const name of [
      'openai/chat-stream-without-usage.sse',
      'openai/stream-error.sse',
      'openrouter/chat-stream.sse',
    ]) {
      expect(filtered(fixture(name))).toBe(fixture(name).toString());
    }
    const prompt = 'data: {"choices":[],"prompt_filter_results":[],"usage":null}\n\n';
    expect(filtered(Buffer.from(prompt))).toBe(prompt);
  });

  it('the filter does not buffer an event of 100,000 bytes', () => {
    const filter = new UsageChunkFilter();
    const large = Buffer.from(`data: ${'x'.repeat(100_000)}`);
    expect(filter.push(large).length).toBe(large.length);
    expect(Buffer.from(filter.push(Buffer.from('y\n\ndata: [DONE]\n\n'))).toString()).toBe('y\n\ndata: [DONE]\n\n');
  });
});
