import { estimateTokens } from './token-estimate.js';

const of = (content: unknown, more: object = {}): number =>
  estimateTokens({ messages: [{ role: 'user', content }], ...more }).input_tokens;

const PROSE =
  'The mill stands below the weir, where the stream falls two yards, and its wheel has turned there since the abbey was built. ';

describe('the estimate of input tokens', () => {
  // counted with the o200k encoding
  it.each([
    [PROSE, 29],
    ['Die Mühle steht unterhalb des Wehrs, wo der Bach zwei Ellen tief fällt, und ihr Rad dreht sich dort.', 26],
    ['水車小屋は堰の下に立ち、川は二間落ちている。', 22],
  ])('the estimate differs by less than thirty percent for %j', (text, counted) => {
    const estimated = of(text.repeat(20)) - of('');
    expect(estimated).toBeGreaterThan(counted * 20 * 0.7);
    expect(estimated).toBeLessThan(counted * 20 * 1.3);
  });

  it('the estimate does not count images, documents and replay data as text', () => {
    const data = 'A'.repeat(400_000);
    expect(of([{ type: 'image', source: { type: 'base64', media_type: 'image/png', data } }])).toBeLessThan(2_000);
    expect(of([{ type: 'redacted_thinking', data }])).toBeLessThan(10);
    expect(of([{ type: 'document', source: { type: 'base64', media_type: 'application/pdf', data } }])).toBeLessThan(
      20_000,
    );
  });

  it('the estimate includes system, tools and tool results', () => {
    const plain = of('Hello.');
    expect(of('Hello.', { system: [{ type: 'text', text: PROSE }] })).toBeGreaterThan(plain + 20);
    expect(of('Hello.', { tools: [{ name: 'find', input_schema: {} }] })).toBeGreaterThan(plain + 346);
    expect(of([{ type: 'tool_result', tool_use_id: 'x', content: [{ type: 'text', text: PROSE }] }])).toBeGreaterThan(
      25,
    );
  });

  it('an estimate without messages is refused with the missing member', () => {
    expect(() => estimateTokens({})).toThrow('"messages" must be an array');
  });
});
