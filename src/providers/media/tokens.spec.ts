import { estimateBodyTokens, TOKENS_PER_IMAGE, TOKENS_PER_PAGE } from './tokens.js';

const media = (head: string, bytes: number): string =>
  Buffer.concat([Buffer.from(head, 'hex'), Buffer.alloc(bytes, 0xa7)]).toString('base64');
const IMAGE = media('89504e470d0a1a0a', 3_000_000);
const PDF = media('255044462d312e37', 10_000_000);
const WORDS = 'Tell me what is on it, please. ';

const REQUESTS = {
  'an image of Chat': [{ image_url: { url: `data:image/png;base64,${IMAGE}` } }, TOKENS_PER_IMAGE],
  'an image of Messages': [{ source: { type: 'base64', media_type: 'image/png', data: IMAGE } }, TOKENS_PER_IMAGE],
  'an image of Gemini': [{ inlineData: { mimeType: 'image/png', data: IMAGE } }, TOKENS_PER_IMAGE],
  'two images': [[IMAGE, IMAGE], 2 * TOKENS_PER_IMAGE],
  'a document of Bedrock': [{ document: { source: { bytes: PDF } } }, 400_000],
  'a recording of Chat': [
    { input_audio: { data: media('52494646ffffffff57415645', 3_000_000), format: 'wav' } },
    3_000,
  ],
  'compressed speech': [{ input_audio: { data: media('494433', 1_000_000), format: 'mp3' } }, 8_000],
  'a video of Gemini': [{ inlineData: { mimeType: 'video/mp4', data: media('0000001866747970', 4_000_000) } }, 10_000],
  'a small document': [{ file_data: media('255044462d', 2_000) }, TOKENS_PER_PAGE],
} as const;

it.each(Object.entries(REQUESTS))('the token estimate counts %s by its content', (_what, [part, expected]) => {
  for (const json of [JSON.stringify(part), JSON.stringify(part).replaceAll('/', '\\/')]) {
    const text = WORDS.repeat(40);
    const tokens = estimateBodyTokens(Buffer.from(`{"a":"${text}","part":${json},"b":"${text}"}`));
    expect(tokens).toBeGreaterThanOrEqual(expected + (2 * text.length) / 4);
    expect(tokens).toBeLessThan(expected + (2 * text.length) / 4 + 100);
  }
});

it.each([WORDS.repeat(1_000), 'x'.repeat(50_000), media('0001', 50_000), '', 'Hi'])(
  'text of other kinds counts one token per four bytes (%#)',
  (text) => {
    expect(estimateBodyTokens(Buffer.from(text))).toBe(Math.ceil(text.length / 4));
  },
);
