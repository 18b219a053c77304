import { ContentCapture, MAX_STORED_BYTES } from './content-capture.js';
import { ollamaDialect } from '../../providers/dialects/ollama.dialect.js';
import { openAiDialect } from '../../providers/dialects/openai.dialect.js';
import { toStoredText, type StoredStream } from './stored-text.js';
import type { LlmProxy } from '../../orgs/llm-proxies/policy/llm-proxy.js';

const CARD = '4111 1111 1111 1111';
const file = 'iVBORw0KGgo'.repeat(2_000);

const kept = (text: string, isRedacted = true, stream: StoredStream | null = null) => {
  const proxy = { capture: { mode: 'full', retentionDays: 1 } } as unknown as LlmProxy;
  return toStoredText(ContentCapture.create(proxy, Buffer.from(text))!.request, isRedacted, stream)!;
};
const asking = (content: string): string => JSON.stringify({ model: 'm', messages: [{ role: 'user', content }] });

describe('stored text', () => {
  it('truncated content contains no part of a finding across its end', () => {
    const before = asking('').indexOf('""') + 1;
    for (const digits of [0, 1, 8, CARD.length - 1, CARD.length]) {
      const text = asking('y '.repeat((MAX_STORED_BYTES - before - digits) / 2) + CARD + ' z'.repeat(20_000));
      const { text: shown, isTruncated } = kept(text);
      expect([isTruncated, /\d/.test(shown)]).toEqual([true, false]);
      expect(Buffer.byteLength(shown)).toBeLessThanOrEqual(MAX_STORED_BYTES);
    }
  });

  it('files in content are replaced by a placeholder in JSON, in truncated JSON and in events', () => {
    const data = `data:image/png;base64,${file}==`;
    for (const [text, stream] of [
      [asking(data), null],
      [asking(data) + ' '.repeat(MAX_STORED_BYTES * 2), null],
      [asking(data + ' x'.repeat(MAX_STORED_BYTES)), null],
      [`data: ${asking(data)}\n\n`, { form: 'events', dialect: openAiDialect }],
    ] as const) {
      const { text: shown } = kept(text, stream !== null, stream);
      expect(shown).toContain('base64,[file: 22002 characters of base64]');
      expect(shown).not.toContain('iVBOR');
    }
    expect(kept(asking(`a short one: ${file.slice(0, 4_000)}`)).text).toContain(file.slice(0, 4_000));
  });

  it.each([
    [
      'events',
      openAiDialect,
      (content: string) => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`,
    ],
    ['lines', ollamaDialect, (content: string) => `${JSON.stringify({ message: { content }, done: false })}\n`],
  ] as const)('redaction of content works across the chunks of a stream of %s', (form, dialect, piece) => {
    const pieces = CARD.split(/(?<= )/).map(piece);
    const { text: shown } = kept(pieces.join(''), true, { form, dialect });
    expect(shown).toContain('[credit card]');
    expect(shown).not.toContain('1111');
  });

  it('content with many long runs is stored unchanged', () => {
    const runs = `${'a'.repeat(4_095)} `.repeat(60);
    expect(kept(asking(runs), false).text).toContain(runs.slice(0, 200_000));
  });
});
