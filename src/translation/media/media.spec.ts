import type { ChatRequest, UserPart } from '../pivot/chat.js';
import { correctMedia } from './chat.js';
import { detectMediaKind } from '../../providers/media/kind.js';
import { correctMediaTypes } from './messages.js';

const base64 = (bytes: Buffer | string): string => Buffer.from(bytes).toString('base64');
const padded = (hex: string): string => base64(Buffer.concat([Buffer.from(hex, 'hex'), Buffer.alloc(2_000, 0x80)]));
const BYTES = {
  'image/png': padded('89504e470d0a1a0a'),
  'image/jpeg': padded('ffd8ffe000104a464946'),
  'image/gif': padded('474946383961'),
  'image/webp': padded('524946460000000057454250'),
  'application/pdf': padded('255044462d312e37'),
};
const NOT_MEDIA = { text: base64('<html>Not found</html>'), 'invalid base64': 'x*y', 'empty data': '' };
const TYPES = Object.keys(BYTES) as (keyof typeof BYTES)[];
const PAIRS = TYPES.flatMap((is) => TYPES.map((said) => [is, said] as const));

const chatOf = (part: UserPart): ChatRequest => ({ model: 'm', messages: [{ role: 'user', content: [part] }] });
function corrected(part: UserPart): UserPart {
  const chat = chatOf(part);
  correctMedia(chat);
  return chat.messages[0]!.content![0] as UserPart;
}

describe('detectMediaKind', () => {
  it.each(TYPES)('detectMediaKind recognizes %s', (mediaType) => {
    expect(detectMediaKind(BYTES[mediaType])).toEqual({ mediaType });
    expect(detectMediaKind(BYTES[mediaType].slice(0, 24).replace(/(.{5})/g, '$1\r\n'))).toEqual({ mediaType });
  });

  it('detectMediaKind recognizes a PDF after leading white space', () => {
    expect(detectMediaKind(base64(`\n${' '.repeat(500)}%PDF-1.4`))).toEqual({ mediaType: 'application/pdf' });
  });

  it('detectMediaKind returns unknown for other formats', () => {
    expect(detectMediaKind(padded('00000018667479706865696300000000'))).toBe('unknown');
  });
});

describe('media of a Chat request', () => {
  it.each(PAIRS)('a Chat request with %s labeled as %s gets the right media type', (is, said) => {
    const url = `data:${said};base64,${BYTES[is]}`;
    const right = `data:${is};base64,${BYTES[is]}`;
    const image = corrected({ type: 'image_url', image_url: { url, detail: 'low' } });
    expect(image).toEqual(
      is === 'application/pdf'
        ? { type: 'file', file: { file_data: right, filename: 'document.pdf' } }
        : { type: 'image_url', image_url: { url: right, detail: 'low' } },
    );
    expect(corrected({ type: 'file', file: { file_data: url } })).toEqual({ type: 'file', file: { file_data: right } });
  });

  it.each(Object.entries(NOT_MEDIA))('a Chat request with %s as media is refused', (_what, data) => {
    expect(() => corrected({ type: 'image_url', image_url: { url: `data:image/png;base64,${data}` } })).toThrow(
      'messages[0].content[0].image_url.url',
    );
    expect(() => corrected({ type: 'file', file: { file_data: `data:application/pdf;base64,${data}` } })).toThrow(
      'messages[0].content[0].file.file_data',
    );
  });

  it.each([
    'https://example.com/a.png',
    's3://bucket/a.png',
    `data:text/plain;base64,${base64('Hi')}`,
    'data:text/plain,Hi',
    `data:image/heic;base64,${padded('00000018')}`,
  ])('a Chat request keeps the media URL %s', (url) => {
    expect(corrected({ type: 'image_url', image_url: { url } })).toEqual({ type: 'image_url', image_url: { url } });
    expect(corrected({ type: 'file', file: { file_data: url } })).toEqual({ type: 'file', file: { file_data: url } });
  });

  it('bare base64 in a Chat request gets a data URL with its media type', () => {
    const part = corrected({ type: 'file', file: { file_data: BYTES['image/png'] } });
    expect(part).toEqual({ type: 'file', file: { file_data: `data:image/png;base64,${BYTES['image/png']}` } });
  });
});

describe('media of a Messages request', () => {
  const bodyOf = (type: string, mediaType: string, data: string, inResult = false): string => {
    const block = `{"type": "${type}","title":"T", "source":{"data":"${data}","type":"base64","media_type":"${mediaType}"}}`;
    const content = inResult ? `{"type":"tool_result","tool_use_id":"a","content":[${block}]}` : block;
    return `{"n":1.0, "messages":[{"role":"user","content":[${content}]}]}`;
  };
  const sent = (body: string): string => correctMediaTypes(Buffer.from(body)).toString();

  it.each([false, true])(
    'wrong media types in a Messages request are corrected, and nothing else changes (in a result: %s)',
    (inResult) => {
      expect(sent(bodyOf('image', 'image/png', BYTES['image/jpeg'], inResult))).toBe(
        bodyOf('image', 'image/jpeg', BYTES['image/jpeg'], inResult),
      );
      const right = Buffer.from(bodyOf('image', 'image/png', BYTES['image/png'], inResult));
      expect(correctMediaTypes(right)).toBe(right);
    },
  );

  it('a Messages image that is a PDF becomes a document, and the reverse', () => {
    expect(JSON.parse(sent(bodyOf('image', 'image/png', BYTES['application/pdf']))).messages[0].content).toEqual([
      {
        type: 'document',
        title: 'T',
        source: { data: BYTES['application/pdf'], type: 'base64', media_type: 'application/pdf' },
      },
    ]);
    expect(JSON.parse(sent(bodyOf('document', 'application/pdf', BYTES['image/gif']))).messages[0].content).toEqual([
      { type: 'image', source: { data: BYTES['image/gif'], type: 'base64', media_type: 'image/gif' } },
    ]);
  });

  it('a Messages image with escaped slashes is recognized', () => {
    const escaped = BYTES['image/jpeg'].replaceAll('/', '\\/');
    expect(sent(bodyOf('image', 'image/png', escaped))).toBe(bodyOf('image', 'image/jpeg', escaped));
  });

  it.each(Object.entries(NOT_MEDIA))('a Messages request with %s as media is refused', (_what, data) => {
    expect(() => sent(bodyOf('image', 'image/png', data))).toThrow('messages[0].content[0].source.data');
  });
});
